using System.Runtime.CompilerServices;

namespace SharpServing.Kernels;

/// <summary>One float32.</summary>
internal readonly unsafe struct Float32(float value) : IFloatVector<Float32>
{
    public readonly float Value = value;

    public static int Count => 1;

    public static Float32 Load(float* p) => new(*p);

    public static void Store(Float32 x, float* p) => *p = x.Value;

    public static float Sum(Float32 x) => x.Value;

    public static Float32 Create(float value) => new(value);

    public static Float32 CreateBits(uint bits) => FromBits(bits);

    public static Float32 operator +(Float32 x, Float32 y) => new(x.Value + y.Value);

    public static Float32 operator -(Float32 x, Float32 y) => new(x.Value - y.Value);

    public static Float32 operator *(Float32 x, Float32 y) => new(x.Value * y.Value);

    public static Float32 operator /(Float32 x, Float32 y) => new(x.Value / y.Value);

    public static Float32 operator &(Float32 x, Float32 y) => FromBits(Bits(x) & Bits(y));

    public static Float32 operator |(Float32 x, Float32 y) => FromBits(Bits(x) | Bits(y));

    public static Float32 operator ^(Float32 x, Float32 y) => FromBits(Bits(x) ^ Bits(y));

    public static Float32 MultiplyAdd(Float32 x, Float32 y, Float32 z) => new(float.MultiplyAddEstimate(x.Value, y.Value, z.Value));

    public static Float32 Min(Float32 x, Float32 y) => x.Value < y.Value ? x : y;

    public static Float32 Max(Float32 x, Float32 y) => x.Value > y.Value ? x : y;

    public static Float32 Sqrt(Float32 x) => new(MathF.Sqrt(x.Value));

    public static Float32 Round(Float32 x) => new(MathF.Round(x.Value));

    public static Float32 Less(Float32 x, Float32 y) => Mask(x.Value < y.Value);

    public static Float32 Equal(Float32 x, Float32 y) => Mask(x.Value == y.Value);

    public static Float32 Select(Float32 mask, Float32 x, Float32 y) => Bits(mask) != 0 ? x : y;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float32 Scale(Float32 x, Float32 n)
    {
        int whole = (int)n.Value;
        int half = whole >> 1;
        return new(x.Value * BitConverter.Int32BitsToSingle((half + 127) << 23) * BitConverter.Int32BitsToSingle((whole - half + 127) << 23));
    }

    public static Float32 IntegerBits(Float32 x, int shift) => FromBits((uint)((int)x.Value << shift));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float32 Split(Float32 x, out Float32 exponent)
    {
        int bits = (int)Bits(x);
        int e = bits - 0x3F3504F3 >> 23;
        exponent = new(e);
        return FromBits((uint)(bits - (e << 23)));
    }

    public static bool AnySet(Float32 mask) => Bits(mask) != 0;

    public static Float32 Each(Float32 x, Func<float, float> f) => new(f(x.Value));

    private static uint Bits(Float32 x) => BitConverter.SingleToUInt32Bits(x.Value);

    private static Float32 FromBits(uint bits) => new(BitConverter.UInt32BitsToSingle(bits));

    private static Float32 Mask(bool set) => FromBits(set ? uint.MaxValue : 0);
}
