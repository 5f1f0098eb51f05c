using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SharpServing.Kernels;

/// <summary>
/// One row of few terms: the products are rounded before they are added, in order, as Eigen's vector product in TensorFlow's build does it.
/// Where large terms cancel (a recurrent cell fed with raw numbers) the difference shows in the fifth digit.
/// </summary>
internal static unsafe class ShortVectorKernel
{
    /// <summary>Terms below which this kernel is as fast as the others.</summary>
    public const int DepthBelow = 32;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(MicroTile* tile)
    {
        int columns = tile->Columns;
        int column = 0;
        for (; column + 8 <= columns; column += 8)
        {
            Vector256<float> sum = Vector256<float>.Zero;
            for (nint k = 0; k < tile->Depth; k++)
            {
                sum += Vector256.Create(tile->A[k]) * Vector256.Load(tile->B + (k * tile->BStride) + column);
            }

            for (int i = 0; i < 8; i++)
            {
                Store(tile, column + i, sum.GetElement(i));
            }
        }

        for (; column < columns; column++)
        {
            float sum = 0;
            for (nint k = 0; k < tile->Depth; k++)
            {
                sum += tile->A[k] * tile->B[(k * tile->BStride) + column];
            }

            Store(tile, column, sum);
        }
    }

    private static void Store(MicroTile* tile, int column, float value)
    {
        value += (tile->Flags & MicroFlags.Accumulate) != MicroFlags.None ? tile->C[column] : 0;
        value += (tile->Flags & MicroFlags.Bias) != MicroFlags.None ? tile->Bias[column] : 0;
        value += (tile->Flags & MicroFlags.Residual) != MicroFlags.None ? tile->Residual[column] : 0;
        if ((tile->Flags & MicroFlags.Clamp) != MicroFlags.None)
        {
            // NaN stays, as in the vector kernels.
            value = value < tile->Low ? tile->Low : value > tile->High ? tile->High : value;
        }

        tile->C[column] = value;
    }
}
