using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using SharpServing.Kernels;
using SharpServing.Ops;
using SharpServing.Runtime;
using SharpServing.Runtime.Sessions;
using SharpServing.Tensors;
using SharpServing.Verification;
using Tensorflow;

namespace SharpServing.Bench;

/// <summary>
/// Latency of the networks of a folder laid out as <c>golden/perf</c>, weights in place, after their answers were compared with
/// <c>golden.json</c>. <c>dotnet run -c Release --project bench/SharpServing.Bench -- networks FOLDER [NAME:BATCH …] [SECONDS] [unchecked]</c>.
/// </summary>
internal static class NetworkTimes
{
    /// <summary>CPU time, which other load does not shorten.</summary>
    private const double WarmSeconds = 1.2;
    private const int FewestRuns = 3;

    private static readonly int[] Batches = [1, 8];

    /// <returns>1 when an answer is wrong.</returns>
    public static int Print(string[] arguments)
    {
        string folder = arguments[0];
        double seconds = 2;
        var wanted = new List<string>();
        foreach (string argument in arguments[1..])
        {
            if (double.TryParse(argument, CultureInfo.InvariantCulture, out double given))
            {
                seconds = given;
            }
            else
            {
                wanted.Add(argument);
            }
        }

        bool isChecked = !wanted.Remove("unchecked");
        WorkerPool.Shared.Degree = 1;
        foreach (string network in Directory.GetDirectories(folder).Order(StringComparer.Ordinal))
        {
            string name = Path.GetFileName(network);
            int[] batches = [.. Batches.Where(batch => wanted.Count == 0 || wanted.Contains(FormattableString.Invariant($"{name}:{batch}")))];
            if (batches.Length == 0)
            {
                continue;
            }

            if (isChecked && !IsRight(network, name))
            {
                return 1;
            }

            Time(Path.Combine(network, "1"), name, batches, seconds);
        }

        return 0;
    }

    private static bool IsRight(string network, string name)
    {
        int passed = 0;
        bool isRight = true;
        var verifier = new Verifier(new RuntimeBackend(OpCatalog.Registry, new GraphSessionOptions()), new VerifyOptions(), result =>
        {
            passed += result.Outcome == VerifyOutcome.Passed ? 1 : 0;
            isRight &= result.Outcome == VerifyOutcome.Passed;
            if (result.Outcome != VerifyOutcome.Passed)
            {
                Console.Error.WriteLine($"{name} {result.Case}: {result.Detail}");
            }
        });
        return verifier.Run(network) && isRight && passed > 0;
    }

    private static void Time(string directory, string name, int[] batches, double seconds)
    {
        using SavedModelBundle bundle = SavedModelBundle.Load(directory, ["serve"], OpCatalog.Registry, new GraphSessionOptions());
        SignatureDef signature = bundle.MetaGraph.SignatureDef["serving_default"];
        foreach (int batch in batches)
        {
            string file = Path.Combine(directory, batch == 1 ? "inputs.json" : "inputs8.json");
            using JsonDocument inputs = JsonDocument.Parse(File.ReadAllBytes(file));
            (string Name, Tensor Value)[] feeds = [.. inputs.RootElement.EnumerateObject()
                .Select(input => (signature.Inputs[input.Name].Name, ReadInput(input.Value)))];
            string[] fetches = [.. signature.Outputs.Values.Select(output => output.Name)];
            ServingStatus status = bundle.Session.TryPrepare(feeds.Select(feed => feed.Name).ToArray(), fetches, [], out GraphCallable? callable);
            if (!status.IsOk)
            {
                throw new StatusException(status);
            }

            var values = feeds.Select(feed => feed.Value).ToArray();
            Measure(callable!, values, fetches.Length, WarmSeconds);
            TimeSpan before = Environment.CpuUsage.TotalTime;
            List<double> times = Measure(callable!, values, fetches.Length, seconds);
            double cpu = (Environment.CpuUsage.TotalTime - before).TotalMilliseconds / times.Count;
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{name} batch {batch} runs {times.Count} min_ms {times[0]:F3} p50_ms {times[times.Count / 2]:F3} cpu_ms {cpu:F3}"));
            foreach (Tensor value in values)
            {
                value.Release();
            }
        }
    }

    /// <summary>Milliseconds of each run, in ascending order; <paramref name="seconds"/> are of CPU time.</summary>
    private static List<double> Measure(GraphCallable callable, Tensor[] values, int outputs, double seconds)
    {
        var times = new List<double>();
        var fetched = new Tensor?[outputs];
        TimeSpan begin = Environment.CpuUsage.TotalTime;
        while ((Environment.CpuUsage.TotalTime - begin).TotalSeconds < seconds || times.Count < FewestRuns)
        {
            long start = Stopwatch.GetTimestamp();
            ServingStatus status = callable.Run(values, fetched, CancellationToken.None);
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            if (!status.IsOk)
            {
                throw new StatusException(status);
            }

            foreach (Tensor? tensor in fetched)
            {
                tensor?.Release();
            }
        }

        times.Sort();
        return times;
    }

    /// <summary>An input as <c>ort_time.mjs</c> makes it.</summary>
    private static Tensor ReadInput(JsonElement json)
    {
        var shape = new Shape([.. json.GetProperty("shape").EnumerateArray().Select(size => size.GetInt64())]);
        JsonElement fill = json.GetProperty("fill");
        double? value = fill.ValueKind == JsonValueKind.Number ? fill.GetDouble() : null;
        int count = (int)shape.ElementCount;
        return json.GetProperty("dtype").GetString() switch
        {
            "float32" => Tensor.FromArray<float>([.. Enumerable.Range(0, count).Select(i => (float)(value ?? i % 251 / 251.0))], shape),
            "int32" => Tensor.FromArray<int>([.. Enumerable.Range(0, count).Select(i => (int)(value ?? i % 97))], shape),
            "int64" => Tensor.FromArray<long>([.. Enumerable.Range(0, count).Select(i => (long)(value ?? i % 97))], shape),
            string type => throw new InvalidOperationException($"Inputs of type {type} are not made."),
            null => throw new InvalidOperationException("An input has no type."),
        };
    }
}
