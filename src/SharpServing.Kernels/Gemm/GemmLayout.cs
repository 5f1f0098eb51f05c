namespace SharpServing.Kernels;

/// <summary>How B lies in memory.</summary>
internal enum GemmLayout
{
    /// <summary>As <see cref="PackedMatrix"/>.</summary>
    Packed,

    /// <summary>[k, n].</summary>
    Plain,

    /// <summary>[n, k].</summary>
    Transposed,
}
