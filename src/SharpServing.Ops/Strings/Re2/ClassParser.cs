using System.Text;

namespace SharpServing.Ops.Strings.Re2;

/// <summary>Classes of characters: <c>[…]</c>, <c>\d</c>, <c>\pL</c>, <c>[:alpha:]</c> (re2/parse.cc).</summary>
internal static class ClassParser
{
    /// <summary>Reads <c>[…]</c>.</summary>
    public static RuneSet ParseBracket(PatternReader reader, bool fold)
    {
        int start = reader.Position++;
        var set = new RuneSet();
        bool isNegated = reader.Peek() == '^';
        reader.Position += isNegated ? 1 : 0;

        // A bracket in first place is a member.
        for (bool isFirst = true; !reader.IsAtEnd && (isFirst || reader.Peek() != ']'); isFirst = false)
        {
            if (!TryParsePosix(reader, set, fold) && !TryParseUnicode(reader, set, fold) && !TryParsePerl(reader, set, fold))
            {
                ParseRange(reader, start, set, fold);
            }
        }

        if (reader.IsAtEnd)
        {
            throw reader.Fault("missing ]", start);
        }

        reader.Position++;
        if (isNegated)
        {
            set.Negate();
        }

        return set;
    }

    /// <summary>Reads <c>\pN</c>, <c>\p{Name}</c>, <c>\p{^Name}</c> and <c>\P</c> alike.</summary>
    public static bool TryParseUnicode(PatternReader reader, RuneSet set, bool fold)
    {
        if (reader.Peek() != '\\' || reader.Peek(1) is not ((byte)'p' or (byte)'P'))
        {
            return false;
        }

        int start = reader.Position;
        bool isNegated = reader.Peek(1) == 'P';
        reader.Position += 2;
        byte[] name = [];
        if (reader.Peek() == '{')
        {
            int length = reader.Rest.IndexOf((byte)'}');
            if (length < 0)
            {
                reader.RequireUtf8(start, reader.Length);
                throw reader.Fault("invalid character class range", start, reader.Length);
            }

            name = reader.Rest[1..length].ToArray();
            reader.RequireUtf8(reader.Position, reader.Position + length);
            reader.Position += length + 1;
        }
        else if (!reader.IsAtEnd)
        {
            int at = reader.Position;
            reader.ReadRune();
            name = reader.Slice(at, reader.Position);
        }

        if (name is [(byte)'^', ..])
        {
            isNegated = !isNegated;
            name = name[1..];
        }

        (int Low, int High)[] ranges = UnicodeTables.Find(Encoding.UTF8.GetString(name))
            ?? throw reader.Fault("invalid character class range", start);
        AddGroup(set, ranges, isNegated, fold);
        return true;
    }

    /// <summary>Reads <c>\d \s \w</c> and their capitals.</summary>
    public static bool TryParsePerl(PatternReader reader, RuneSet set, bool fold)
    {
        if (reader.Peek() != '\\')
        {
            return false;
        }

        byte letter = reader.Peek(1);
        (int Low, int High)[]? ranges = (letter | 0x20) switch
        {
            'd' => [('0', '9')],
            's' => [('\t', '\n'), ('\f', '\r'), (' ', ' ')],
            'w' => [('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')],
            _ => null,
        };
        if (ranges is null)
        {
            return false;
        }

        reader.Position += 2;
        AddGroup(set, ranges, isNegated: letter < 'a', fold);
        return true;
    }

    private static bool TryParsePosix(PatternReader reader, RuneSet set, bool fold)
    {
        int length = reader.StartsWith("[:"u8) ? reader.Rest[2..].IndexOf(":]"u8) : -1;
        if (length < 0)
        {
            return false;
        }

        int start = reader.Position;
        string name = StatusText.FromBytes(reader.Rest.Slice(2, length));
        reader.Position += length + 4;
        bool isNegated = name.StartsWith('^');
        (int Low, int High)[] ranges = PosixClass(isNegated ? name[1..] : name) ?? throw reader.Fault("invalid character class range", start);
        AddGroup(set, ranges, isNegated, fold);
        return true;
    }

    private static (int Low, int High)[]? PosixClass(string name) => name switch
    {
        "alnum" => [('0', '9'), ('A', 'Z'), ('a', 'z')],
        "alpha" => [('A', 'Z'), ('a', 'z')],
        "ascii" => [(0, 0x7F)],
        "blank" => [('\t', '\t'), (' ', ' ')],
        "cntrl" => [(0, 0x1F), (0x7F, 0x7F)],
        "digit" => [('0', '9')],
        "graph" => [('!', '~')],
        "lower" => [('a', 'z')],
        "print" => [(' ', '~')],
        "punct" => [('!', '/'), (':', '@'), ('[', '`'), ('{', '~')],
        "space" => [('\t', '\r'), (' ', ' ')],
        "upper" => [('A', 'Z')],
        "word" => [('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')],
        "xdigit" => [('0', '9'), ('A', 'F'), ('a', 'f')],
        _ => null,
    };

    private static void AddGroup(RuneSet set, (int Low, int High)[] ranges, bool isNegated, bool fold)
    {
        var group = new RuneSet();
        foreach ((int low, int high) in ranges)
        {
            group.Add(low, high, fold);
        }

        if (isNegated)
        {
            group.Negate();
        }

        set.Add(group);
    }

    private static void ParseRange(PatternReader reader, int classStart, RuneSet set, bool fold)
    {
        int start = reader.Position;
        int low = ParseMember(reader, classStart);
        int high = low;

        // A dash in last place is a member.
        if (reader.Peek() == '-' && reader.Rest.Length >= 2 && reader.Peek(1) != ']')
        {
            reader.Position++;
            high = ParseMember(reader, classStart);
            if (high < low)
            {
                throw reader.Fault("invalid character class range", start);
            }
        }

        set.Add(low, high, fold);
    }

    private static int ParseMember(PatternReader reader, int classStart)
    {
        if (reader.IsAtEnd)
        {
            throw reader.Fault("missing ]", classStart);
        }

        return reader.Peek() == '\\' ? reader.ReadEscape() : reader.ReadRune();
    }
}
