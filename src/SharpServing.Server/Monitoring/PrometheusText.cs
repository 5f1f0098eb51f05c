using System.Buffers;
using System.Globalization;

namespace SharpServing.Server.Monitoring;

/// <summary>
/// The metrics page as the original lays it out. Unlike it, a line feed in a label value is escaped, so that no client can break the page.
/// Source: util/prometheus_exporter.cc.
/// </summary>
internal sealed class PrometheusText
{
    private readonly IBufferWriter<byte> _output;

    /// <summary>The line being made.</summary>
    private readonly ArrayBufferWriter<char> _line = new(256);

    private PrometheusText(IBufferWriter<byte> output) => _output = output;

    /// <param name="metrics">In the order of their names.</param>
    public static void Write(IEnumerable<IMetric> metrics, IBufferWriter<byte> output)
    {
        var page = new PrometheusText(output);
        foreach (IMetric metric in metrics)
        {
            page._line.Write("# TYPE ");
            page.WriteName(metric.Name);
            page._line.Write(" ");
            page._line.Write(metric.Kind);
            page.EndLine();
            metric.WriteSamples(page);
        }
    }

    /// <summary>Six digits, as C's <c>%g</c>.</summary>
    public static string Format(double value) => value.ToString("G6", CultureInfo.InvariantCulture).ToLowerInvariant();

    /// <param name="limit">Of a histogram's range; null: no such label.</param>
    public void WriteSample(string name, string suffix, string[] labels, in LabelValues values, string? limit, long value)
    {
        WriteSeries(name, suffix, labels, values, limit);
        value.TryFormat(_line.GetSpan(20), out int written, default, CultureInfo.InvariantCulture);
        _line.Advance(written);
        EndLine();
    }

    public void WriteSample(string name, string suffix, string[] labels, in LabelValues values, double value)
    {
        WriteSeries(name, suffix, labels, values, null);
        _line.Write(Format(value));
        EndLine();
    }

    private void WriteSeries(string name, string suffix, string[] labels, in LabelValues values, string? limit)
    {
        WriteName(name);
        _line.Write(suffix);
        _line.Write("{");
        for (int i = 0; i < labels.Length; i++)
        {
            _line.Write(i > 0 ? "," : "");
            WriteName(labels[i], '_');
            _line.Write("=\"");
            WriteEscaped(values[i]);
            _line.Write("\"");
        }

        if (limit is not null)
        {
            _line.Write(labels.Length > 0 ? ",le=\"" : "le=\"");
            _line.Write(limit);
            _line.Write("\"");
        }

        _line.Write("} ");
    }

    /// <summary>Characters that Prometheus does not take in a name are replaced; none begins with a digit.</summary>
    /// <param name="other">Instead of those: a colon in names of metrics, an underscore in names of labels.</param>
    private void WriteName(string name, char other = ':')
    {
        if (char.IsAsciiDigit(name[0]))
        {
            _line.Write("_");
        }

        Span<char> target = _line.GetSpan(name.Length);
        for (int i = 0; i < name.Length; i++)
        {
            target[i] = char.IsAsciiLetterOrDigit(name[i]) || name[i] == '_' ? name[i] : other;
        }

        _line.Advance(name.Length);
    }

    private void WriteEscaped(ReadOnlySpan<char> value)
    {
        for (int special; (special = value.IndexOfAny('\\', '"', '\n')) >= 0; value = value[(special + 1)..])
        {
            _line.Write(value[..special]);
            _line.Write(value[special] switch { '\\' => @"\\", '"' => "\\\"", _ => @"\n" });
        }

        _line.Write(value);
    }

    private void EndLine()
    {
        _line.Write("\n");
        StatusText.Write(_line.WrittenSpan, _output);
        _line.ResetWrittenCount();
    }
}
