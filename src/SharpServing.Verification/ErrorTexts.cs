using System.Text.RegularExpressions;

namespace SharpServing.Verification;

/// <summary>Compares error texts. Golden data says the machine's name and the model's folder by words of its own.</summary>
internal sealed partial class ErrorTexts
{
    private const string NodeSummary = "\n\t; NodeDef: ";

    private readonly bool _full;
    private readonly string? _folder;

    /// <param name="full">Compare with the suffix that names the node.</param>
    /// <param name="folder">Stands for <c>MODEL_DIR</c> and <c>$MODEL</c>; in a graph's case, for nothing in front of its files.</param>
    public ErrorTexts(bool full, string? folder = null)
    {
        _full = full;
        _folder = folder;
    }

    /// <returns>The difference; <see langword="null"/> when there is none.</returns>
    public string? Compare(GoldenError expected, ServingStatus actual)
    {
        if (actual.Code != expected.Code)
        {
            return $"status {actual}, expected {expected.Code.ToName()}: {expected.Messages[0]}";
        }

        if (expected.MessageVaries)
        {
            return null;
        }

        if (_full && expected.Full is { } full)
        {
            return Normalize(actual.Message) == Normalize(full) ? null : $"text \"{actual.Message}\", expected \"{full}\"";
        }

        if (expected.Full is { } whole && Normalize(actual.Message) == Normalize(whole))
        {
            return null;
        }

        string got = Strip(Normalize(actual.Message));
        foreach (string message in expected.Messages)
        {
            string wanted = Strip(Normalize(message));
            if (got == wanted || (!wanted.Contains(NodeSummary, StringComparison.Ordinal) && StripSummary(got) == wanted))
            {
                return null;
            }
        }

        return $"text \"{actual.Message}\", expected \"{expected.Messages[0]}\"";
    }

    /// <summary>Takes off what the executor puts around a kernel's text.</summary>
    internal static string Strip(string message)
    {
        message = FunctionPrefix().Replace(message, "");
        int suffix = message.IndexOf("\n\t [[", StringComparison.Ordinal);
        return suffix < 0 ? message : message[..suffix];
    }

    /// <summary>Golden texts of single ops end before what follows about the node.</summary>
    private static string StripSummary(string message)
    {
        int summary = message.IndexOf(NodeSummary, StringComparison.Ordinal);
        return summary < 0 ? message : message[..summary];
    }

    private string Normalize(string message)
    {
        message = message.Replace("$HOST", "HOST", StringComparison.Ordinal).Replace("running on " + Environment.MachineName, "running on HOST", StringComparison.Ordinal);
        if (_folder is not null)
        {
            // A recording once took the full stop behind the folder for a part of it.
            message = message.Replace(_folder, _folder[^1] == '/' ? "" : "MODEL_DIR", StringComparison.Ordinal).Replace("$MODEL", "MODEL_DIR", StringComparison.Ordinal)
                .Replace("MODEL_DIR. ", "MODEL_DIR ", StringComparison.Ordinal);
        }

        return message;
    }

    [GeneratedRegex(@"\A(\{\{function_node [^}]*\}\} ?)+", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex FunctionPrefix();
}
