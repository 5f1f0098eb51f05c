using System.Collections.Concurrent;
using System.Globalization;
using Xunit.Abstractions;

namespace SharpServing.EndToEnd.Tests.Recorded;

/// <summary>The golden models in the program that was built, asked what the original was asked (golden_models_served).</summary>
public sealed class RecordedModelsTests : IDisposable
{
    private const int Servers = 2;

    private readonly string _folder = Directory.CreateTempSubdirectory("recorded-").FullName;
    private readonly ITestOutputHelper _output;

    public RecordedModelsTests(ITestOutputHelper output) => _output = output;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Models_AddedAndAsked_AnswerAsRecorded()
    {
        string[][] table = [.. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Recorded", "not_the_same.tsv"))
            .Where(line => line.Length > 0 && line[0] != '#').Select(line => line.Split('\t'))];
        var expected = table.ToDictionary(row => $"{row[0]} {row[1]}", row => row[2]);
        var left = new ConcurrentQueue<RecordedModel>(RecordedModel.ReadAll());
        int models = left.Count;
        var problems = new ConcurrentBag<string>();
        int compared = 0;
        int notServed = 0;

        await Task.WhenAll(Enumerable.Range(0, Servers).Select(async _ =>
        {
            await using RecordedModelReplay server = await RecordedModelReplay.StartAsync(_folder);
            while (left.TryDequeue(out RecordedModel? model))
            {
                string name = model.Name;
                string? missing = await server.PlayAsync(model, (what, difference) =>
                {
                    Interlocked.Increment(ref compared);
                    Note($"{name} {what}", difference);
                });
                Interlocked.Add(ref notServed, missing is null ? 0 : 1);
                Note($"{name} ops", missing);
            }
        }));

        _output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{models - notServed} of {models} models served, {compared} answers compared, {expected.Count} rows of the table"));
        string.Join('\n', problems.Order(StringComparer.Ordinal)).ShouldBeEmpty();
        (models - notServed).ShouldBeGreaterThanOrEqualTo(105);
        compared.ShouldBeGreaterThanOrEqualTo(1400);

        void Note(string what, string? difference)
        {
            if (difference is null == expected.ContainsKey(what))
            {
                problems.Add($"{what}: {difference ?? "is as recorded now: take its row out"}");
            }
            else if (difference is not null)
            {
                _output.WriteLine($"{what}: {expected[what]}");
            }
        }
    }
}
