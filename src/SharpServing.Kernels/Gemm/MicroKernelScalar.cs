using System.Runtime.CompilerServices;

namespace SharpServing.Kernels;

/// <summary>One row by four columns without vectors.</summary>
internal static unsafe class MicroKernelScalar
{
    public const int MaxRows = 1;
    public const int Columns = 4;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(MicroTile* tile)
    {
        float* a = tile->A;
        float* b = tile->B;
        float c0 = 0, c1 = 0, c2 = 0, c3 = 0;
        for (nint segment = 0; segment < tile->Segments; segment++)
        {
            for (nint k = 0; k < tile->Depth; k++, b += tile->BStride)
            {
                float x = *a++;
                c0 += x * b[0];
                c1 += x * b[1];
                c2 += x * b[2];
                c3 += x * b[3];
            }

            a += tile->ASegmentStep;
        }

        Store(tile, 0, c0);
        Store(tile, 1, c1);
        Store(tile, 2, c2);
        Store(tile, 3, c3);
    }

    private static void Store(MicroTile* tile, int column, float value)
    {
        if ((tile->Flags & MicroFlags.Accumulate) != MicroFlags.None)
        {
            value += tile->C[column];
        }

        if ((tile->Flags & MicroFlags.Bias) != MicroFlags.None)
        {
            value += tile->Bias[column];
        }

        if ((tile->Flags & MicroFlags.Residual) != MicroFlags.None)
        {
            value += tile->Residual[column];
        }

        if ((tile->Flags & MicroFlags.Clamp) != MicroFlags.None)
        {
            value = value < tile->Low ? tile->Low : value > tile->High ? tile->High : value;
        }

        tile->C[column] = value;
    }
}
