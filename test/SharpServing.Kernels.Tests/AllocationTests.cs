using SharpServing.Tensors;

namespace SharpServing.Kernels.Tests;

public sealed unsafe class AllocationTests
{
    private const int WarmCalls = 2;
    private const int Calls = 6;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Kernels_AfterTheFirstCalls_AllocateNothing(int degree)
    {
        using var pool = new WorkerPool(degree);
        WorkerPool? before = WorkerPool.Use(pool);
        try
        {
            using var a = new NativeFloats(256 * 256, 1);
            using var b = new NativeFloats(256 * 256, 2);
            using var c = new NativeFloats(256 * 256, 3);
            var g = new WindowGeometry
            {
                Batch = 1,
                InputHeight = 16,
                InputWidth = 16,
                InputChannels = 64,
                OutputHeight = 16,
                OutputWidth = 16,
                OutputChannels = 112,
                KernelHeight = 3,
                KernelWidth = 3,
                PadTop = 1,
                PadLeft = 1,
            };
            PackedMatrix packed = PackedMatrix.Pack(b.Pointer, 256, 256, 256, false);
            PackedFilter filter = PackedFilter.Pack(b.Pointer, 3, 3, 64, 112);
            PackedFilter direct = PackedFilter.Pack(b.Pointer, 3, 3, 64, 16);
            PackedFilter transposed = PackedFilter.PackTransposed(b.Pointer, 3, 3, 64, 112);
            long[] dimensions = [16, 16, 256];
            int[] permutation = [1, 0, 2];
            var shape = new Shape(256, 256);
            var row = new Shape(256);
            (string Name, Action Run)[] kernels =
            [
                ("Gemm.Run", () => Gemm.Run(a.Pointer, 256, false, 256, packed, c.Pointer, 256, new Epilogue { Bias = b.Pointer, Activation = Activation.GeluErf })),
                ("Gemm.Run", () => Gemm.Run(a.Pointer, 256, true, b.Pointer, 256, true, 250, 200, 256, c.Pointer, 256)),
                ("Conv2D.Run", () => Conv2D.Run(a.Pointer, g, filter, c.Pointer)),
                ("Conv2D.Run", () => Conv2D.Run(a.Pointer, g with { OutputChannels = 16 }, direct, c.Pointer)),
                ("Conv2DTransposed.Run", () => Conv2DTransposed.Run(a.Pointer, g, transposed, c.Pointer)),
                ("DepthwiseConv2D.Run", () => DepthwiseConv2D.Run(a.Pointer, g with { OutputChannels = 64 }, b.Pointer, c.Pointer)),
                ("Pool2D.Max", () => Pool2D.Max(a.Pointer, g with { OutputChannels = 64 }, c.Pointer)),
                ("SoftmaxKernel.Softmax", () => SoftmaxKernel.Softmax(a.Pointer, c.Pointer, 256, 256)),
                ("Reduction.Run<AddOperator<float>, float>", () => Reduction.Run<AddOperator<float>, float>(a.Pointer, c.Pointer, 1, 256, 256, 0f)),
                ("TransposeKernel.Run", () => TransposeKernel.Run(a.Pointer, c.Pointer, dimensions, permutation, 4)),
                ("Elementwise.Binary<AddOperator<float>, float>", () => Elementwise.Binary<AddOperator<float>, float>(a.Span, shape, b.Span[..256], row, c.Span, shape)),
                ("VectorMath.Tanh", () => VectorMath.Tanh(a.Span, c.Span)),
            ];
            foreach ((string name, Action run) in kernels)
            {
                // The least of some calls: the runtime itself books bytes on a thread now and then (a collection cuts its
                // allocation context off, a method is compiled again); a kernel that allocates does so each time.
                long least = long.MaxValue;
                for (int call = 0; call < WarmCalls + Calls; call++)
                {
                    long start = GC.GetAllocatedBytesForCurrentThread();
                    run();
                    long bytes = GC.GetAllocatedBytesForCurrentThread() - start;
                    least = call < WarmCalls ? least : Math.Min(least, bytes);
                }

                least.ShouldBe(0, name);
            }

            packed.Release();
            filter.Release();
            direct.Release();
            transposed.Release();
        }
        finally
        {
            WorkerPool.Use(before);
        }
    }
}
