using System.Collections.Concurrent;
using SharpServing.TestSupport;

namespace SharpServing.Batching.Tests;

public sealed class SharedBatchSchedulerTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    // What no batch waits for.
    private static readonly TimeSpan Long = TimeSpan.FromHours(1);

    [Fact]
    public void Schedule_TooLarge_TextOfTheOriginal()
    {
        using var scheduler = new SharedBatchScheduler<Item>(1, "test", TimeProvider.System);
        using BatchQueue<Item> queue = scheduler.AddQueue(new BatchQueueOptions { MaxTaskSize = 3, MaxBatchSize = 3 }, Item.Split, static _ => { });
        queue.Schedule(new Item(0, 0, 4)).ShouldBe(ServingStatus.InvalidArgument("Task size 4 is larger than maximum input batch size 3"));
    }

    [Fact]
    public void Schedule_QueueFull_TextsOfTheOriginal()
    {
        using var scheduler = new SharedBatchScheduler<Item>(1, "test", TimeProvider.System);
        var running = new ManualResetEventSlim();
        var go = new ManualResetEventSlim();
        void Hold(Batch<Item> batch)
        {
            running.Set();
            go.Wait(Patience).ShouldBeTrue();
        }

        var options = new BatchQueueOptions { MaxTaskSize = 1, MaxBatchSize = 1, MaxEnqueuedBatches = 2 };
        using BatchQueue<Item> queue = scheduler.AddQueue(options, Item.Split, Hold);
        queue.Schedule(new Item(0, 0, 1)).ShouldBe(ServingStatus.Ok);
        running.Wait(Patience).ShouldBeTrue();
        queue.Schedule(new Item(1, 0, 1)).ShouldBe(ServingStatus.Ok);
        queue.Schedule(new Item(2, 0, 1)).ShouldBe(ServingStatus.Ok);
        queue.Schedule(new Item(3, 0, 1)).ShouldBe(new ServingStatus(
            StatusCode.Unavailable,
            "The batch scheduling queue to which this task was submitted is full; currently 2 batches enqueued and max_enqueued_batches is 2"));
        using BatchQueue<Item> cutting = scheduler.AddQueue(
            new BatchQueueOptions { MaxTaskSize = 100, MaxBatchSize = 3, MaxEnqueuedBatches = 2, SplitsTasks = true, Timeout = Long }, Item.Split, Hold);
        cutting.Schedule(new Item(0, 0, 2)).ShouldBe(ServingStatus.Ok);
        cutting.Schedule(new Item(1, 0, 5)).ShouldBe(new ServingStatus(
            StatusCode.Unavailable,
            "The batch scheduling queue to which this task was submitted is full; task size is 5 but scheduling capacity is only 4 "
            + "(num_enqueued_batches=1, max_enqueued_batches=2, open_batch_size=2, max_execution_batch_size=3)"));
        go.Set();
    }

    [Fact]
    public void Timeout_ByTheClock_SendsTheOpenBatch()
    {
        var time = new ManualTimeProvider();
        using var scheduler = new SharedBatchScheduler<Item>(1, "test", time);
        var done = new BlockingCollection<int[]>();
        using BatchQueue<Item> queue = scheduler.AddQueue(
            new BatchQueueOptions { Timeout = TimeSpan.FromSeconds(2) }, Item.Split, batch => done.Add([.. batch.Tasks.Select(item => item.Request)]));
        queue.Schedule(new Item(0, 0, 1)).ShouldBe(ServingStatus.Ok);
        time.UntilArmed("the wait for more tasks");
        time.Advance(TimeSpan.FromSeconds(1));
        queue.Schedule(new Item(1, 0, 1)).ShouldBe(ServingStatus.Ok);
        done.Count.ShouldBe(0);
        time.Advance(TimeSpan.FromSeconds(1));
        done.TryTake(out int[]? requests, Patience).ShouldBeTrue("the batch never went");
        requests.ShouldBe([0, 1]);
    }

    [Fact]
    public void Queues_OneThread_TakeTurns()
    {
        using var scheduler = new SharedBatchScheduler<Item>(1, "test", TimeProvider.System);
        var order = new ConcurrentQueue<string>();
        var started = new ManualResetEventSlim();
        var go = new ManualResetEventSlim();
        var options = new BatchQueueOptions { MaxTaskSize = 1, MaxBatchSize = 1, MaxEnqueuedBatches = 100 };
        BatchQueue<Item> first = scheduler.AddQueue(options, Item.Split, batch =>
        {
            started.Set();
            go.Wait(Patience).ShouldBeTrue();
            order.Enqueue("a");
        });
        BatchQueue<Item> second = scheduler.AddQueue(options, Item.Split, _ => order.Enqueue("b"));
        first.Schedule(new Item(0, 0, 1));
        started.Wait(Patience).ShouldBeTrue();
        for (int i = 0; i < 3; i++)
        {
            first.Schedule(new Item(i, 0, 1)).ShouldBe(ServingStatus.Ok);
            second.Schedule(new Item(i, 0, 1)).ShouldBe(ServingStatus.Ok);
        }

        go.Set();
        first.Dispose();
        second.Dispose();
        string.Concat(order).ShouldBe("abababa");
    }

    // Whatever comes from however many callers: each row once, in order within its request, no batch too large, nothing after the end.
    [Theory]
    [InlineData(1, false)]
    [InlineData(2, true)]
    [InlineData(3, false)]
    [InlineData(4, true)]
    public async Task Schedule_ManyCallers_EveryRowOnce(int seed, bool splits)
    {
        const int MaxBatch = 7;
        using var scheduler = new SharedBatchScheduler<Item>(3, "test", TimeProvider.System);
        var seen = new ConcurrentBag<(Item Item, int Batch)>();
        int batches = 0;
        var options = new BatchQueueOptions
        {
            MaxTaskSize = splits ? 30 : MaxBatch,
            MaxBatchSize = MaxBatch,
            MaxEnqueuedBatches = 50,
            SplitsTasks = splits,
            Timeout = seed % 2 == 0 ? Long : TimeSpan.Zero,
        };
        BatchQueue<Item> queue = scheduler.AddQueue(options, Item.Split, batch =>
        {
            int number = Interlocked.Increment(ref batches);
            batch.Size.ShouldBe(batch.Tasks.Sum(item => item.Size));
            batch.Size.ShouldBeLessThanOrEqualTo(MaxBatch);
            foreach (Item item in batch.Tasks)
            {
                seen.Add((item, number));
            }
        });

        var taken = new ConcurrentDictionary<int, int>();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(caller => Task.Run(() =>
        {
            var random = new System.Random(seed * 10 + caller);
            for (int i = 0; i < 500; i++)
            {
                var item = new Item((caller * 1000) + i, 0, random.Next(0, options.MaxTaskSize + 1));
                ServingStatus status = queue.Schedule(item);
                if (status.IsOk)
                {
                    taken[item.Request] = item.Size;
                }
                else
                {
                    status.Code.ShouldBe(StatusCode.Unavailable);
                }
            }
        })));
        queue.Dispose();
        queue.Schedule(new Item(-1, 0, 1)).Code.ShouldBe(StatusCode.Unavailable);

        seen.Select(entry => entry.Item.Request).Distinct().Order().ShouldBe(taken.Keys.Order());
        foreach (IGrouping<int, (Item Item, int Batch)> request in seen.GroupBy(entry => entry.Item.Request))
        {
            int next = 0;
            foreach (Item piece in request.Select(entry => entry.Item).OrderBy(item => item.From))
            {
                piece.From.ShouldBe(next);
                next += piece.Size;
            }

            next.ShouldBe(taken[request.Key]);
        }
    }
}
