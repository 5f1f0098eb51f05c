using System.Diagnostics.Metrics;

namespace SharpServing.Server.Monitoring;

/// <summary>Whole numbers that are set.</summary>
internal sealed class Gauge : Metric<Gauge.CellValue>
{
    public Gauge(string name, params string[] labels)
        : base(name, "gauge", labels, static () => new CellValue())
    {
    }

    public void Set(in LabelValues values, long value) => Interlocked.Exchange(ref Cell(values).Value, value);

    public override void AddTo(Meter meter) => meter.CreateObservableGauge(DottedName, () => Measure(static cell => Interlocked.Read(ref cell.Value)));

    protected override void Write(PrometheusText page, in LabelValues values, CellValue cell) =>
        page.WriteSample(Name, "", Labels, values, null, Interlocked.Read(ref cell.Value));

    protected override long ValueOf(CellValue cell) => Interlocked.Read(ref cell.Value);

    internal sealed class CellValue
    {
        public long Value;
    }
}
