namespace SharpServing.Tensors;

/// <summary>complex64 in memory: two float32, real part first. Arithmetic is done by converting to <see cref="System.Numerics.Complex"/> or by kernels.</summary>
public readonly record struct Complex64(float Real, float Imaginary)
{
    public static explicit operator System.Numerics.Complex(Complex64 value) => new(value.Real, value.Imaginary);

    public static explicit operator Complex64(System.Numerics.Complex value) => new((float)value.Real, (float)value.Imaginary);
}
