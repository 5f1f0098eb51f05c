using System.Text;
using SharpServing.Server.Monitoring;

namespace SharpServing.Server.Tests.Monitoring;

public sealed class MetricTests
{
    // Source of the form: section 6 of the reference, recorded in scen_monitoring.
    [Fact]
    public void Write_CounterAndHistogram_AsTheOriginalsPage()
    {
        var requests = new Counter("/tensorflow/serving/request_count", "model_name", "status");
        requests.Add(new LabelValues("q\"uo\\te", "OK"), 2);
        requests.Add(new LabelValues("a\nb", "NOT_FOUND"));
        var sizes = new Histogram("1st/size", 1, 2, 3, "model");
        foreach (double value in new[] { 0.5, 1, 2, 3, 4, 1.5e6 })
        {
            sizes.Add(new LabelValues("m"), value);
        }

        Page(new Counter("/none"), requests, sizes).ShouldBe("""
            # TYPE :none counter
            # TYPE :tensorflow:serving:request_count counter
            :tensorflow:serving:request_count{model_name="a\nb",status="NOT_FOUND"} 1
            :tensorflow:serving:request_count{model_name="q\"uo\\te",status="OK"} 2
            # TYPE _1st:size histogram
            _1st:size_bucket{model="m",le="1"} 1
            _1st:size_bucket{model="m",le="2"} 2
            _1st:size_bucket{model="m",le="4"} 4
            _1st:size_bucket{model="m",le="+Inf"} 6
            _1st:size_sum{model="m"} 1.50001e+06
            _1st:size_count{model="m"} 6

            """);
    }

    [Fact]
    public void Latency_Limits_AsRecorded()
    {
        var metrics = new ServingMetrics();
        metrics.CountRun("m", "Predict", TimeSpan.FromMicroseconds(300));
        string[] limits = [.. Page([.. metrics.All]).Split('\n')
            .Where(line => line.StartsWith(":tensorflow:serving:runtime_latency_bucket", StringComparison.Ordinal))
            .Select(line => line[(line.IndexOf("le=\"", StringComparison.Ordinal) + 4)..])];
        limits.Length.ShouldBe(34);
        limits.Take(10).ShouldBe(
            ["10\"} 0", "18\"} 0", "32.4\"} 0", "58.32\"} 0", "104.976\"} 0", "188.957\"} 0", "340.122\"} 1", "612.22\"} 1", "1102\"} 1", "1983.59\"} 1"]);
        limits[^2..].ShouldBe(["1.47476e+09\"} 1", "+Inf\"} 1"]);
    }

    [Fact]
    public async Task Add_ManyThreads_LosesNothing()
    {
        var counter = new Counter("/c", "l");
        var histogram = new Histogram("/h", 1, 2, 4, "l");
        await Task.WhenAll(Enumerable.Range(0, 4).Select(thread => Task.Run(() =>
        {
            for (int i = 0; i < 10_000; i++)
            {
                counter.Add(new LabelValues($"{i % 3}"));
                histogram.Add(new LabelValues("x"), i % 7);
            }
        })));
        counter.FirstValue().ShouldBe(4 * 3334);
        histogram.FirstValue().ShouldBe(40_000);
        Page(histogram).ShouldContain("_sum{l=\"x\"} 119976\n");
    }

    [Fact]
    public void Add_NamesWithoutEnd_StayBounded()
    {
        var counter = new Counter("/c", "model");
        for (int i = 0; i < 12_000; i++)
        {
            counter.Add(new LabelValues($"{i}"));
        }

        string page = Page(counter);
        page.Split('\n').Length.ShouldBeInRange(10_000, 10_004);
        page.ShouldContain(":c{model=\"(other)\"} 2000\n");
    }

    private static string Page(params IMetric[] metrics)
    {
        var page = new System.Buffers.ArrayBufferWriter<byte>();
        PrometheusText.Write(metrics, page);
        return Encoding.UTF8.GetString(page.WrittenSpan);
    }
}
