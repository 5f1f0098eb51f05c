using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SharpServing.Kernels.Tests;

public sealed unsafe class ComputeModeTests
{
    private const float Denormal = 1e-40f;

    [Fact]
    public void Enter_Denormals_AreFlushedAndComeBackAfterwards()
    {
        Assert.True(FloatingPointControl.IsSupported);
        Half(Denormal).ShouldNotBe(0f);
        using (ComputeMode.Enter())
        {
            ComputeMode.IsActive.ShouldBeTrue();
            Half(Denormal).ShouldBe(0f);                        // operand
            Half(1.2e-38f).ShouldBe(0f);                        // result
            HalfVector(Vector128.Create(Denormal)).ShouldBe(Vector128<float>.Zero);
            HalfDouble(1e-310).ShouldBe(0.0);
            using (ComputeMode.Enter())
            {
                Half(Denormal).ShouldBe(0f);
            }

            Half(Denormal).ShouldBe(0f);
        }

        ComputeMode.IsActive.ShouldBeFalse();
        Half(Denormal).ShouldNotBe(0f);
        HalfDouble(1e-310).ShouldNotBe(0.0);
    }

    [Fact]
    public void PoolThreads_Denormals_AreFlushed()
    {
        using var pool = new WorkerPool(2);
        int* seen = stackalloc int[2];
        seen[0] = seen[1] = 0;
        int caller = Environment.CurrentManagedThreadId;
        using (ComputeMode.Enter())
        {
            // Each tile waits until the other has begun: one of the two is on the pool's thread.
            using var both = new Barrier(2);
            Barriers.Value = both;
            pool.For(2, new FlushBody { Seen = seen, Caller = caller });
        }

        (seen[0] + seen[1]).ShouldBe(2);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static float Half(float x) => x * 0.5f;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static double HalfDouble(double x) => x * 0.5;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Vector128<float> HalfVector(Vector128<float> x) => x * 0.5f;

    private static class Barriers
    {
        public static Barrier? Value { get; set; }
    }

    private struct FlushBody : IParallelBody
    {
        public int* Seen;
        public int Caller;

        public readonly void Run(int tile)
        {
            Barriers.Value!.SignalAndWait();
            Seen[tile] = Half(Denormal) == 0f ? 1 : 0;
        }
    }
}
