namespace SharpServing.Kernels;

/// <summary>Operands of one kernel tile. Strides in elements between rows; all pointers at the tile's first element.</summary>
internal unsafe struct MicroTile
{
    /// <summary>[rows, depth].</summary>
    public float* A;
    public nint AStride;

    /// <summary>[depth, columns].</summary>
    public float* B;
    public nint BStride;
    public nint Depth;

    /// <summary>[rows, columns].</summary>
    public float* C;
    public nint CStride;

    /// <summary>[columns].</summary>
    public float* Bias;

    /// <summary>[rows, columns] with the stride of C.</summary>
    public float* Residual;
    public float Low;
    public float High;
    public MicroFlags Flags;
}
