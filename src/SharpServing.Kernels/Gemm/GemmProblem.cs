namespace SharpServing.Kernels;

/// <summary>One product as the blocked loops see it. Strides in elements.</summary>
internal unsafe struct GemmProblem
{
    public int M;
    public int N;
    public int K;

    /// <summary>[m, k], rows <see cref="AStride"/> apart.</summary>
    public float* A;
    public nint AStride;

    /// <summary>Packed panels, or the matrix itself.</summary>
    public float* B;
    public GemmLayout BLayout;

    /// <summary>Of an unpacked B, as stored.</summary>
    public nint BStride;

    /// <summary>[m, n], rows <see cref="CStride"/> apart.</summary>
    public float* C;
    public nint CStride;
    public Epilogue Epilogue;
}
