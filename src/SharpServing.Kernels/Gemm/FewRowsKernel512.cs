using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace SharpServing.Kernels;

/// <summary>
/// AVX-512, one or two rows by 32 columns: the depth is unrolled so that eight sums are under way (two would wait for each other's
/// latency), and B is fetched ahead: such a product runs at the speed of memory. The sums replace those of
/// <see cref="MicroKernel512"/>; what follows (bias, clamp) is the caller's, see <see cref="MicroTile"/>.
/// </summary>
internal static unsafe class FewRowsKernel512
{
    /// <summary>Bytes of B to fetch ahead.</summary>
    private const int Ahead = 2048;

    /// <summary>Short sums are made one by one, as Eigen makes them: where large terms cancel, the order shows.</summary>
    private const int InOrderBelow = 32;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run1(MicroTile* tile)
    {
        float* a = tile->A;
        float* b = tile->B;
        nint ldb = tile->BStride;
        nint k = tile->Depth;
        Vector512<float> p0 = default, p1 = default, q0 = default, q1 = default, r0 = default, r1 = default, s0 = default, s1 = default;
        for (; k >= InOrderBelow; k -= 4)
        {
            Sse.Prefetch0((byte*)b + Ahead);
            Sse.Prefetch0((byte*)b + Ahead + 64);
            Sse.Prefetch0((byte*)b + Ahead + 128);
            Sse.Prefetch0((byte*)b + Ahead + 192);
            Sse.Prefetch0((byte*)b + Ahead + 256);
            Sse.Prefetch0((byte*)b + Ahead + 320);
            Sse.Prefetch0((byte*)b + Ahead + 384);
            Sse.Prefetch0((byte*)b + Ahead + 448);
            Vector512<float> x = Vector512.Create(a[0]);
            p0 = Vector512.MultiplyAddEstimate(x, Vector512.Load(b), p0);
            p1 = Vector512.MultiplyAddEstimate(x, Vector512.Load(b + 16), p1);
            b += ldb;
            x = Vector512.Create(a[1]);
            q0 = Vector512.MultiplyAddEstimate(x, Vector512.Load(b), q0);
            q1 = Vector512.MultiplyAddEstimate(x, Vector512.Load(b + 16), q1);
            b += ldb;
            x = Vector512.Create(a[2]);
            r0 = Vector512.MultiplyAddEstimate(x, Vector512.Load(b), r0);
            r1 = Vector512.MultiplyAddEstimate(x, Vector512.Load(b + 16), r1);
            b += ldb;
            x = Vector512.Create(a[3]);
            s0 = Vector512.MultiplyAddEstimate(x, Vector512.Load(b), s0);
            s1 = Vector512.MultiplyAddEstimate(x, Vector512.Load(b + 16), s1);
            b += ldb;
            a += 4;
        }

        for (; k > 0; k--, a++, b += ldb)
        {
            Vector512<float> x = Vector512.Create(*a);
            p0 = Vector512.MultiplyAddEstimate(x, Vector512.Load(b), p0);
            p1 = Vector512.MultiplyAddEstimate(x, Vector512.Load(b + 16), p1);
        }

        MicroKernel512.Store<TileShapes.Wide>(tile, tile->C, 0, p0 + q0 + (r0 + s0), p1 + q1 + (r1 + s1));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run2(MicroTile* tile)
    {
        float* a = tile->A;
        nint lda = tile->AStride;
        float* b = tile->B;
        nint ldb = tile->BStride;
        nint k = tile->Depth;
        Vector512<float> p0 = default, p1 = default, q0 = default, q1 = default, r0 = default, r1 = default, s0 = default, s1 = default;
        for (; k >= InOrderBelow; k -= 2)
        {
            Sse.Prefetch0((byte*)b + Ahead);
            Sse.Prefetch0((byte*)b + Ahead + 64);
            Sse.Prefetch0((byte*)b + Ahead + 128);
            Sse.Prefetch0((byte*)b + Ahead + 192);
            Vector512<float> b0 = Vector512.Load(b);
            Vector512<float> b1 = Vector512.Load(b + 16);
            b += ldb;
            Vector512<float> x = Vector512.Create(a[0]);
            p0 = Vector512.MultiplyAddEstimate(x, b0, p0);
            p1 = Vector512.MultiplyAddEstimate(x, b1, p1);
            x = Vector512.Create(a[lda]);
            q0 = Vector512.MultiplyAddEstimate(x, b0, q0);
            q1 = Vector512.MultiplyAddEstimate(x, b1, q1);
            b0 = Vector512.Load(b);
            b1 = Vector512.Load(b + 16);
            b += ldb;
            a++;
            x = Vector512.Create(a[0]);
            r0 = Vector512.MultiplyAddEstimate(x, b0, r0);
            r1 = Vector512.MultiplyAddEstimate(x, b1, r1);
            x = Vector512.Create(a[lda]);
            s0 = Vector512.MultiplyAddEstimate(x, b0, s0);
            s1 = Vector512.MultiplyAddEstimate(x, b1, s1);
            a++;
        }

        for (; k > 0; k--, a++, b += ldb)
        {
            Vector512<float> b0 = Vector512.Load(b);
            Vector512<float> b1 = Vector512.Load(b + 16);
            Vector512<float> x = Vector512.Create(a[0]);
            p0 = Vector512.MultiplyAddEstimate(x, b0, p0);
            p1 = Vector512.MultiplyAddEstimate(x, b1, p1);
            x = Vector512.Create(a[lda]);
            q0 = Vector512.MultiplyAddEstimate(x, b0, q0);
            q1 = Vector512.MultiplyAddEstimate(x, b1, q1);
        }

        MicroKernel512.Store<TileShapes.Wide>(tile, tile->C, 0, p0 + r0, p1 + r1);
        MicroKernel512.Store<TileShapes.Wide>(tile, tile->C + tile->CStride, tile->CStride, q0 + s0, q1 + s1);
    }
}
