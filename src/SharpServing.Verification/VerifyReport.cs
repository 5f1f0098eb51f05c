using System.Text;
using System.Text.Json;

namespace SharpServing.Verification;

/// <summary>Counts results per group and keeps those that did not pass. Not thread-safe.</summary>
public sealed class VerifyReport
{
    private readonly List<VerifyResult> _notPassed = [];
    private readonly SortedDictionary<string, VerifyCounts> _groups = new(StringComparer.Ordinal);

    public VerifyCounts Total { get; private set; }

    public IReadOnlyDictionary<string, VerifyCounts> Groups => _groups;

    /// <summary>In the order they came.</summary>
    public IReadOnlyList<VerifyResult> NotPassed => _notPassed;

    public void Add(VerifyResult result)
    {
        Total = Total.With(result.Outcome);
        _groups[result.Group] = _groups.GetValueOrDefault(result.Group).With(result.Outcome);
        if (result.Outcome != VerifyOutcome.Passed)
        {
            _notPassed.Add(result);
        }
    }

    /// <summary>One line a group, then <c>verify: P passed, F failed, R refused</c>.</summary>
    public void WriteText(TextWriter target)
    {
        foreach ((string group, VerifyCounts counts) in _groups)
        {
            target.WriteLine($"{group}: {counts}");
        }

        target.WriteLine($"verify: {Total}");
    }

    /// <summary>The counts, and each case that did not pass with its detail.</summary>
    public void WriteJson(Stream target)
    {
        using var json = new Utf8JsonWriter(target, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        Write(json, Total);
        json.WriteStartObject("groups");
        foreach ((string group, VerifyCounts counts) in _groups)
        {
            json.WriteStartObject(group);
            Write(json, counts);
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteStartArray("cases");
        foreach (VerifyResult result in _notPassed)
        {
            json.WriteStartObject();
            json.WriteString("group", result.Group);
            json.WriteString("unit", result.Unit);
            json.WriteString("case", result.Case);
            json.WriteString("outcome", result.Outcome == VerifyOutcome.Failed ? "failed" : "refused");
            json.WriteString("detail", Encoding.UTF8.GetString(StatusText.ToBytes(result.Detail)));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        target.Write("\n"u8);
    }

    private static void Write(Utf8JsonWriter json, VerifyCounts counts)
    {
        json.WriteNumber("passed", counts.Passed);
        json.WriteNumber("failed", counts.Failed);
        json.WriteNumber("refused", counts.Refused);
    }
}
