using System.Buffers;

namespace SharpServing.Ops.Strings.Re2;

/// <summary>
/// Text that matches are replaced by: <c>\0</c> to <c>\9</c> are groups, <c>\\</c> a backslash. A fault in it is no error: RE2 writes
/// what comes before the fault. Source: RE2::Rewrite, Replace and GlobalReplace in re2/re2.cc.
/// </summary>
internal sealed class Rewrite
{
    private readonly byte[] _text;

    public Rewrite(byte[] text)
    {
        _text = text;
        for (int i = 0; i + 1 < text.Length; i++)
        {
            if (text[i] == '\\' && char.IsAsciiDigit((char)text[++i]))
            {
                GroupCount = System.Math.Max(GroupCount, text[i] - '0' + 1);
            }
        }
    }

    /// <summary>Groups that a match must be asked for, the whole one included.</summary>
    public int GroupCount { get; } = 1;

    /// <summary>Replaces the first match; a faulty rewrite changes nothing.</summary>
    public void ReplaceFirst(Re2Matcher matcher, ReadOnlySpan<byte> text, ArrayBufferWriter<byte> output)
    {
        Span<int> groups = stackalloc int[2 * GroupCount];
        if (matcher.Find(text, 0, groups))
        {
            output.Write(text[..groups[0]]);
            if (TryWrite(text, groups, output))
            {
                output.Write(text[groups[1]..]);
                return;
            }

            output.ResetWrittenCount();
        }

        output.Write(text);
    }

    /// <summary>Replaces all matches from left to right.</summary>
    public void ReplaceAll(Re2Matcher matcher, ReadOnlySpan<byte> text, ArrayBufferWriter<byte> output)
    {
        Span<int> groups = stackalloc int[2 * GroupCount];
        int at = 0;
        int lastEnd = -1;
        while (at <= text.Length && matcher.Find(text, at, groups))
        {
            output.Write(text[at..groups[0]]);
            if (groups[0] == lastEnd && groups[1] == lastEnd)
            {
                // An empty match right behind a match does not count: one character is passed, or a byte that is none.
                int length = System.Math.Min(System.Math.Max(1, Utf8Text.Decode(text[at..], out _)), text.Length - at);
                output.Write(text.Slice(at, length));
                at += System.Math.Max(1, length);
                continue;
            }

            TryWrite(text, groups, output);
            at = groups[1];
            lastEnd = at;
        }

        if (at < text.Length)
        {
            output.Write(text[at..]);
        }
    }

    private bool TryWrite(ReadOnlySpan<byte> text, ReadOnlySpan<int> groups, ArrayBufferWriter<byte> output)
    {
        for (int i = 0; i < _text.Length; i++)
        {
            byte value = _text[i];
            if (value == '\\')
            {
                value = ++i < _text.Length ? _text[i] : (byte)0;
                if (char.IsAsciiDigit((char)value))
                {
                    int group = 2 * (value - '0');
                    if (groups[group] >= 0)
                    {
                        output.Write(text[groups[group]..groups[group + 1]]);
                    }

                    continue;
                }

                if (value != '\\')
                {
                    return false;
                }
            }

            output.GetSpan(1)[0] = value;
            output.Advance(1);
        }

        return true;
    }
}
