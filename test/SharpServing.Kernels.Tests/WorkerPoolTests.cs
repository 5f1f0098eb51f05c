namespace SharpServing.Kernels.Tests;

public sealed unsafe class WorkerPoolTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void For_EveryTile_RunsExactlyOnce(int degree)
    {
        using var pool = new WorkerPool(degree);
        int* counts = stackalloc int[1000];
        for (int tiles = 0; tiles < 1000; tiles += 37)
        {
            new Span<int>(counts, 1000).Clear();
            pool.For(tiles, new CountBody { Counts = counts });
            for (int i = 0; i < 1000; i++)
            {
                counts[i].ShouldBe(i < tiles ? 1 : 0);
            }
        }
    }

    [Fact]
    public void ForRange_AllItems_AreCoveredOnce()
    {
        using var pool = new WorkerPool(3);
        int* counts = stackalloc int[1000];
        foreach (int count in new[] { 0, 1, 9, 10, 99, 1000 })
        {
            new Span<int>(counts, 1000).Clear();
            pool.ForRange(count, 10, new CountBody { Counts = counts });
            new Span<int>(counts, count).ToArray().ShouldAllBe(c => c == 1);
        }
    }

    [Fact]
    public void For_TileThrows_CallerGetsTheException()
    {
        using var pool = new WorkerPool(3);
        for (int i = 0; i < 50; i++)
        {
            Should.Throw<InvalidOperationException>(() => pool.For(20, default(ThrowBody))).Message.ShouldBe("tile 7");
        }

        int* counts = stackalloc int[10];
        new Span<int>(counts, 10).Clear();
        pool.For(10, new CountBody { Counts = counts });
        counts[9].ShouldBe(1);
    }

    [Fact]
    public void For_ManyCallersAtOnce_EachGetsItsOwnTiles()
    {
        using var pool = new WorkerPool(3);
        var threads = new Thread[4];
        int failures = 0;
        for (int t = 0; t < threads.Length; t++)
        {
            threads[t] = new Thread(() =>
            {
                int* counts = stackalloc int[64];
                for (int round = 0; round < 500; round++)
                {
                    new Span<int>(counts, 64).Clear();
                    pool.For(64, new CountBody { Counts = counts });
                    for (int i = 0; i < 64; i++)
                    {
                        if (counts[i] != 1)
                        {
                            Interlocked.Increment(ref failures);
                        }
                    }
                }
            });
            threads[t].Start();
        }

        foreach (Thread thread in threads)
        {
            thread.Join();
        }

        failures.ShouldBe(0);
    }

    [Fact]
    public void For_InsideATile_RunsOnItsThread()
    {
        using var pool = new WorkerPool(2);
        WorkerPool? before = WorkerPool.Use(pool);
        int* counts = stackalloc int[16];
        new Span<int>(counts, 16).Clear();
        pool.For(4, new NestedBody { Counts = counts });
        WorkerPool.Use(before);
        for (int i = 0; i < 16; i++)
        {
            counts[i].ShouldBe(4);
        }
    }

    private struct CountBody : IParallelBody, IRangeBody
    {
        public int* Counts;

        public readonly void Run(int tile) => Interlocked.Increment(ref Counts[tile]);

        public readonly void Run(long start, long end)
        {
            for (long i = start; i < end; i++)
            {
                Interlocked.Increment(ref Counts[i]);
            }
        }
    }

    private struct NestedBody : IParallelBody
    {
        public int* Counts;

        public readonly void Run(int tile)
        {
            WorkerPool.Current.AvailableDegree.ShouldBe(1);
            WorkerPool.Current.For(16, new CountBody { Counts = Counts });
        }
    }

    private struct ThrowBody : IParallelBody
    {
        public readonly void Run(int tile)
        {
            if (tile == 7)
            {
                throw new InvalidOperationException("tile 7");
            }
        }
    }
}
