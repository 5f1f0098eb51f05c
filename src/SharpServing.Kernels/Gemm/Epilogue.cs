namespace SharpServing.Kernels;

/// <summary>What happens to a result element before it is stored: activation(x + bias + residual).</summary>
public unsafe struct Epilogue
{
    /// <summary>One number per column (output channel), or null.</summary>
    public float* Bias { get; set; }

    /// <summary>As many elements as the output in the same layout and stride, or null. May be the output itself.</summary>
    public float* Residual { get; set; }

    public Activation Activation { get; set; }

    /// <summary>Slope of <see cref="Activation.LeakyRelu"/>.</summary>
    public float Alpha { get; set; }
}
