using System.Globalization;

namespace SharpServing.Runtime.Import;

/// <summary>Parses references to tensors.</summary>
internal static class TensorName
{
    /// <summary><c>node</c> or <c>node:port</c> of a GraphDef, a feed or a fetch. A suffix that is no number belongs to the name.</summary>
    public static (string Node, int Port) Parse(string text)
    {
        int colon = text.LastIndexOf(':');
        if (colon > 0 && int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int port))
        {
            return (text[..colon], port);
        }

        return (text, 0);
    }

    /// <summary><c>argument</c>, <c>node:output</c> or <c>node:output:index</c> of a function body.</summary>
    public static (string Node, string? Output, int Index) ParseInFunction(string text)
    {
        int first = text.IndexOf(':', StringComparison.Ordinal);
        if (first < 0)
        {
            return (text, null, 0);
        }

        int second = text.IndexOf(':', first + 1);
        return second < 0
            ? (text[..first], text[(first + 1)..], 0)
            : (text[..first], text[(first + 1)..second], int.Parse(text.AsSpan(second + 1), CultureInfo.InvariantCulture));
    }
}
