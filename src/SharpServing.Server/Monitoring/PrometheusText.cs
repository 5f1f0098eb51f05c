using System.Globalization;
using System.Text;

namespace SharpServing.Server.Monitoring;

/// <summary>
/// The metrics page as the original lays it out. Unlike it, a line feed in a label value is escaped, so that no client can break the page.
/// Source: util/prometheus_exporter.cc.
/// </summary>
internal sealed class PrometheusText
{
    private readonly StringBuilder _text = new();

    /// <param name="metrics">In the order of their names.</param>
    public static byte[] Write(IEnumerable<IMetric> metrics)
    {
        var page = new PrometheusText();
        foreach (IMetric metric in metrics)
        {
            page._text.Append("# TYPE ").Append(NameOf(metric.Name)).Append(' ').Append(metric.Kind).Append('\n');
            metric.WriteSamples(page);
        }

        return StatusText.ToBytes(page._text.ToString());
    }

    /// <summary>Six digits, as C's <c>%g</c>.</summary>
    public static string Format(double value) => value.ToString("G6", CultureInfo.InvariantCulture).ToLowerInvariant();

    public void WriteSample(string name, string suffix, string[] labels, in LabelValues values, string? limit, long value) =>
        WriteSample(name, suffix, labels, values, limit, value.ToString(CultureInfo.InvariantCulture));

    /// <param name="limit">Of a histogram's range; null: no such label.</param>
    public void WriteSample(string name, string suffix, string[] labels, in LabelValues values, string? limit, string value)
    {
        _text.Append(NameOf(name)).Append(suffix).Append('{');
        for (int i = 0; i < labels.Length; i++)
        {
            _text.Append(i > 0 ? "," : "").Append(NameOf(labels[i], '_')).Append("=\"").Append(Escape(values[i])).Append('"');
        }

        if (limit is not null)
        {
            _text.Append(labels.Length > 0 ? "," : "").Append("le=\"").Append(limit).Append('"');
        }

        _text.Append("} ").Append(value).Append('\n');
    }

    /// <summary>Characters that Prometheus does not take in a name are replaced; none begins with a digit.</summary>
    /// <param name="other">Instead of those: a colon in names of metrics, an underscore in names of labels.</param>
    private static string NameOf(string name, char other = ':')
    {
        string plain = string.Create(name.Length, (name, other), static (target, source) =>
        {
            for (int i = 0; i < target.Length; i++)
            {
                target[i] = char.IsAsciiLetterOrDigit(source.name[i]) || source.name[i] == '_' ? source.name[i] : source.other;
            }
        });
        return char.IsAsciiDigit(plain[0]) ? "_" + plain : plain;
    }

    private static string Escape(string value) =>
        value.AsSpan().IndexOfAny('\\', '"', '\n') < 0
            ? value
            : value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
}
