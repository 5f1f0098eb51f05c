using System.Diagnostics.Metrics;

namespace SharpServing.Server.Monitoring;

/// <summary>
/// Values counted by range. Limits grow by a factor: <c>scale · growth^i</c> for i = 0 … count - 1, then infinity; a value that equals a
/// limit belongs to the next range.
/// </summary>
internal sealed class Histogram : Metric<Histogram.CellValue>
{
    private readonly double[] _limits;

    /// <summary>As the label <c>le</c> has them, infinity too.</summary>
    private readonly string[] _limitTexts;

    public Histogram(string name, double scale, double growth, int count, params string[] labels)
        : base(name, "histogram", labels, () => new CellValue(count + 1))
    {
        _limits = new double[count];
        double limit = scale;
        for (int i = 0; i < count; i++)
        {
            _limits[i] = limit;
            limit *= growth;
        }

        _limitTexts = [.. _limits.Select(PrometheusText.Format), "+Inf"];
    }

    public void Add(in LabelValues values, double value)
    {
        CellValue cell = Cell(values);
        int index = Array.BinarySearch(_limits, value);
        Interlocked.Increment(ref cell.Counts[index >= 0 ? index + 1 : ~index]);
        double sum = Volatile.Read(ref cell.Sum);
        while (true)
        {
            double seen = Interlocked.CompareExchange(ref cell.Sum, sum + value, sum);
            if (BitConverter.DoubleToInt64Bits(seen) == BitConverter.DoubleToInt64Bits(sum))
            {
                return;
            }

            sum = seen;
        }
    }

    /// <summary>Three counters: there is no histogram whose values are read from elsewhere. The last has a label <c>le</c>, as on the page.</summary>
    public override void AddTo(Meter meter)
    {
        meter.CreateObservableCounter(DottedName + ".count", () => Measure(ValueOf));
        meter.CreateObservableCounter(DottedName + ".sum", () => Measure(static cell => Volatile.Read(ref cell.Sum)));
        meter.CreateObservableCounter(DottedName + ".bucket", MeasureRanges);
    }

    protected override void Write(PrometheusText page, in LabelValues values, CellValue cell)
    {
        long total = 0;
        for (int i = 0; i < cell.Counts.Length; i++)
        {
            total += Interlocked.Read(ref cell.Counts[i]);
            page.WriteSample(Name, "_bucket", Labels, values, _limitTexts[i], total);
        }

        page.WriteSample(Name, "_sum", Labels, values, Volatile.Read(ref cell.Sum));
        page.WriteSample(Name, "_count", Labels, values, null, total);
    }

    private IEnumerable<Measurement<long>> MeasureRanges()
    {
        foreach ((KeyValuePair<string, object?>[] tags, CellValue cell) in TaggedCells())
        {
            long total = 0;
            for (int i = 0; i < cell.Counts.Length; i++)
            {
                total += Interlocked.Read(ref cell.Counts[i]);
                yield return new Measurement<long>(total, [.. tags, new KeyValuePair<string, object?>("le", _limitTexts[i])]);
            }
        }
    }

    protected override long ValueOf(CellValue cell)
    {
        long total = 0;
        for (int i = 0; i < cell.Counts.Length; i++)
        {
            total += Interlocked.Read(ref cell.Counts[i]);
        }

        return total;
    }

    internal sealed class CellValue(int ranges)
    {
        public readonly long[] Counts = new long[ranges];
        public double Sum;
    }
}
