using System.Runtime.Intrinsics;

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

    /// <summary>Runs of A, each <see cref="Depth"/> long, whose products add up (kernel rows of a convolution); B goes on from run to run.</summary>
    public nint Segments;

    /// <summary>From the end of one run of A to the begin of the next.</summary>
    public nint ASegmentStep;

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

    /// <summary>Columns that count.</summary>
    public int Columns;

    /// <summary>AVX-512: those of a partial last vector.</summary>
    public Vector512<float> Mask;
}
