using System.Collections.Concurrent;
using System.Text;

namespace SharpServing.Runtime.OpDefs;

/// <summary>All op definitions of TensorFlow 2.21, parsed when first asked for. Thread-safe.</summary>
public static class OpDefinitionTable
{
    private static readonly Lazy<Dictionary<string, (int Start, int Length)>> Index = new(MakeIndex);
    private static readonly ConcurrentDictionary<string, OpDefinition> Parsed = new(StringComparer.Ordinal);
    private static byte[] _bytes = [];

    /// <summary>The definition, or <see langword="null"/>: TensorFlow has no such op.</summary>
    public static OpDefinition? Find(string op)
    {
        if (Parsed.TryGetValue(op, out OpDefinition? definition))
        {
            return definition;
        }

        if (!Index.Value.TryGetValue(op, out (int Start, int Length) at))
        {
            return null;
        }

        return Parsed.GetOrAdd(op, OpDefinitionParser.Parse(Encoding.UTF8.GetString(_bytes, at.Start, at.Length)));
    }

    public static IEnumerable<string> Names => Index.Value.Keys;

    /// <summary>Adds an op of our own (made by a pass, never by a GraphDef); its name begins with an underscore.</summary>
    public static void AddInternal(string line)
    {
        OpDefinition definition = OpDefinitionParser.Parse(line);
        Parsed[definition.Name] = definition;
    }

    private static Dictionary<string, (int Start, int Length)> MakeIndex()
    {
        using Stream stream = typeof(OpDefinitionTable).Assembly.GetManifestResourceStream("ops.txt")
            ?? throw new InvalidOperationException("The resource ops.txt is missing from the assembly.");
        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        _bytes = bytes;

        var index = new Dictionary<string, (int, int)>(1500, StringComparer.Ordinal);
        int start = 0;
        while (start < bytes.Length)
        {
            int length = bytes.AsSpan(start).IndexOf((byte)'\n');
            length = length < 0 ? bytes.Length - start : length;
            if (length > 0 && bytes[start] != '#')
            {
                int tab = bytes.AsSpan(start, length).IndexOf((byte)'\t');
                index[Encoding.ASCII.GetString(bytes, start, tab)] = (start, length);
            }

            start += length + 1;
        }

        return index;
    }
}
