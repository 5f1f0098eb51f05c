using System.Globalization;
using SharpServing.Tensors;

namespace SharpServing.Runtime.OpDefs;

/// <summary>Parses one line of ops.txt; the notation is in that file's first lines.</summary>
internal static class OpDefinitionParser
{
    private static readonly Dictionary<string, DType> TypesByName = MakeTypesByName();

    public static OpDefinition Parse(string line)
    {
        string[] fields = line.Split('\t');
        string[] flags = fields.Length > 4 ? fields[4].Split(' ') : [];
        int deprecated = 0;
        foreach (string flag in flags)
        {
            if (flag.StartsWith("deprecated=", StringComparison.Ordinal))
            {
                deprecated = int.Parse(flag.AsSpan("deprecated=".Length), CultureInfo.InvariantCulture);
            }
        }

        return new OpDefinition
        {
            Name = fields[0],
            Inputs = [.. SplitEntries(fields[1]).Select(ParseArgument)],
            Outputs = [.. SplitEntries(fields[2]).Select(ParseArgument)],
            Attributes = [.. SplitEntries(fields[3]).Select(ParseAttribute)],
            IsStateful = Array.IndexOf(flags, "stateful") >= 0,
            IsCommutative = Array.IndexOf(flags, "commutative") >= 0,
            AllowsUninitializedInput = Array.IndexOf(flags, "uninitialized") >= 0,
            DeprecatedSince = deprecated,
        };
    }

    public static DType ParseType(string name) =>
        TypesByName.TryGetValue(name, out DType type) ? type : throw new FormatException($"ops.txt: unknown dtype {name}");

    /// <summary>Splits <c>[a,b]</c> or <c>{a,b}</c> at its commas; quoted texts stay whole.</summary>
    public static List<string> SplitList(string list)
    {
        var items = new List<string>();
        int start = 1;
        bool quoted = false;
        int depth = 0;
        for (int i = 1; i < list.Length - 1; i++)
        {
            char c = list[i];
            quoted ^= c == '"';
            depth += quoted ? 0 : c is '<' or '[' ? 1 : c is '>' or ']' ? -1 : 0;
            if (c == ',' && !quoted && depth == 0)
            {
                items.Add(list[start..i]);
                start = i + 1;
            }
        }

        if (list.Length > 2)
        {
            items.Add(list[start..^1]);
        }

        return items;
    }

    private static List<string> SplitEntries(string field)
    {
        var entries = new List<string>();
        int start = 0;
        bool quoted = false;
        for (int i = 0; i <= field.Length; i++)
        {
            if (i == field.Length || (field[i] == ' ' && !quoted))
            {
                if (i > start)
                {
                    entries.Add(field[start..i]);
                }

                start = i + 1;
            }
            else
            {
                quoted ^= field[i] == '"';
            }
        }

        return entries;
    }

    private static OpArgument ParseArgument(string entry)
    {
        int colon = entry.IndexOf(':', StringComparison.Ordinal);
        string name = entry[..colon];
        string type = entry[(colon + 1)..];
        bool isReference = type.StartsWith('&');
        type = isReference ? type[1..] : type;
        int star = type.IndexOf('*', StringComparison.Ordinal);
        if (star == 0)
        {
            return new OpArgument { Name = name, TypeListAttribute = type[1..], IsReference = isReference };
        }

        string? number = star > 0 ? type[..star] : null;
        type = type[(star + 1)..];
        return type.StartsWith('=')
            ? new OpArgument { Name = name, Type = ParseType(type[1..]), NumberAttribute = number, IsReference = isReference }
            : new OpArgument { Name = name, TypeAttribute = type, NumberAttribute = number, IsReference = isReference };
    }

    private static OpAttribute ParseAttribute(string entry)
    {
        int colon = entry.IndexOf(':', StringComparison.Ordinal);
        int end = colon + 1;
        while (end < entry.Length && (char.IsAsciiLetter(entry[end]) || entry[end] is '(' or ')'))
        {
            end++;
        }

        string name = entry[..colon];
        string type = entry[(colon + 1)..end];
        List<DType>? allowedTypes = null;
        List<string>? allowedStrings = null;
        long? minimum = null;
        string? defaultText = null;
        if (end < entry.Length && entry[end] == '{')
        {
            int close = entry.IndexOf('}', end);
            List<string> items = SplitList(entry[end..(close + 1)]);
            if (type.EndsWith("type", StringComparison.Ordinal) || type.EndsWith("type)", StringComparison.Ordinal))
            {
                allowedTypes = items.ConvertAll(ParseType);
            }
            else
            {
                allowedStrings = items.ConvertAll(item => item.Trim('"'));
            }

            end = close + 1;
        }

        if (end + 1 < entry.Length && entry[end] == '>' && entry[end + 1] == '=')
        {
            int equals = entry.IndexOf('=', end + 2);
            int stop = equals < 0 ? entry.Length : equals;
            minimum = long.Parse(entry.AsSpan(end + 2, stop - end - 2), CultureInfo.InvariantCulture);
            end = stop;
        }

        if (end < entry.Length && entry[end] == '=')
        {
            defaultText = entry[(end + 1)..];
        }

        return new OpAttribute
        {
            Name = name,
            Type = type,
            AllowedTypes = allowedTypes,
            AllowedStrings = allowedStrings,
            Minimum = minimum,
            Default = defaultText,
        };
    }

    private static Dictionary<string, DType> MakeTypesByName()
    {
        var types = new Dictionary<string, DType>(StringComparer.Ordinal);
        for (int i = 1; i <= (int)DType.UInt2; i++)
        {
            types[((DType)i).ToName()] = (DType)i;
        }

        return types;
    }
}
