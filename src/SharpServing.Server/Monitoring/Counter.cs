using System.Diagnostics.Metrics;

namespace SharpServing.Server.Monitoring;

/// <summary>Whole numbers that only grow.</summary>
internal sealed class Counter : Metric<Counter.CellValue>
{
    public Counter(string name, params string[] labels)
        : base(name, "counter", labels, static () => new CellValue())
    {
    }

    public void Add(in LabelValues values, long amount = 1) => Interlocked.Add(ref Cell(values).Value, amount);

    public override void AddTo(Meter meter) => meter.CreateObservableCounter(DottedName, () => Measure(static cell => Interlocked.Read(ref cell.Value)));

    protected override void Write(PrometheusText page, in LabelValues values, CellValue cell) =>
        page.WriteSample(Name, "", Labels, values, null, Interlocked.Read(ref cell.Value));

    protected override long ValueOf(CellValue cell) => Interlocked.Read(ref cell.Value);

    internal sealed class CellValue
    {
        public long Value;
    }
}
