namespace SharpServing.Kernels;

/// <summary>What a kernel tile does with its sums before it stores them, in this order.</summary>
[Flags]
internal enum MicroFlags
{
    None = 0,

    /// <summary>Adds what is in C.</summary>
    Accumulate = 1,

    Bias = 2,

    Residual = 4,

    /// <summary>Limits to <see cref="MicroTile.Low"/> and <see cref="MicroTile.High"/>.</summary>
    Clamp = 8,
}
