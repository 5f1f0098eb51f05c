using SharpServing.Server.Hosting.Epoll;

namespace SharpServing.Server.Tests.Hosting;

public sealed class ReadySignalTests
{
    [Fact]
    public void Set_BeforeAndDuringTheWait_IsOneTurnEach()
    {
        var signal = new ReadySignal();
        int turns = 0;
        async Task RunAsync()
        {
            while (turns < 3)
            {
                await signal;
                turns++;
            }
        }

        signal.Set();
        signal.Set();
        Task running = RunAsync();
        turns.ShouldBe(1);
        signal.Set();
        turns.ShouldBe(2);
        running.IsCompleted.ShouldBeFalse();
        signal.Set();
        turns.ShouldBe(3);
        running.IsCompletedSuccessfully.ShouldBeTrue();
    }

    [Fact]
    public async Task Set_FromOtherThreads_LosesNoTurn()
    {
        const int Turns = 100_000;
        var signal = new ReadySignal();
        var taken = new ReadySignal();
        async Task WaitAsync()
        {
            for (int i = 0; i < Turns; i++)
            {
                await signal;
                taken.Set();
            }
        }

        async Task SetAsync()
        {
            for (int i = 0; i < Turns; i++)
            {
                signal.Set();
                await taken;
                await (i % 1000 == 0 ? Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding) : Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.None));
            }
        }

        await Task.WhenAll(Task.Run(WaitAsync), Task.Run(SetAsync)).WaitAsync(TimeSpan.FromSeconds(60));
    }
}
