namespace SharpServing.Kernels;

/// <summary>Width of the vectors that kernels use. A higher level includes the lower ones.</summary>
public enum SimdLevel
{
    /// <summary>No vectors: one element at a time.</summary>
    Scalar = 0,

    /// <summary>128 bits: SSE4.2 or better on x64, NEON on arm64.</summary>
    Sse = 1,

    /// <summary>256 bits: AVX2 with FMA.</summary>
    Avx2 = 2,

    /// <summary>512 bits: AVX-512 F, BW, CD, DQ, VL.</summary>
    Avx512 = 3,
}
