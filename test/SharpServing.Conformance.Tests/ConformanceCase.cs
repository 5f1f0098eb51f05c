namespace SharpServing.Conformance.Tests;

/// <summary>Runs the test of one id.</summary>
internal static class ConformanceCase
{
    /// <summary>A case that is listed as a deviation has to fail, so that the row goes when the case passes.</summary>
    public static async Task RunAsync(string id, Func<Task> test)
    {
        if (!Deviations.All.TryGetValue(id, out Deviation? deviation))
        {
            await test();
            return;
        }

        Exception? failure = await Record.ExceptionAsync(test);
        failure.ShouldNotBeNull($"{id} passes now: take its row out of the deviations ({deviation.Reason}).");
        failure.Message.ShouldContain(deviation.Sign.ShouldNotBeNull($"{id} can be tried now."), Case.Sensitive);
    }

    public static TheoryData<string> Data(IEnumerable<string> ids) => [.. ids];
}
