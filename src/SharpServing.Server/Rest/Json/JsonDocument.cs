namespace SharpServing.Server.Rest.Json;

/// <summary>
/// A parsed text as a tape of 64-bit words, one value after the other in the order of the text:
/// <code>
/// null, true, false   [kind]
/// number              [kind] [value]
/// string              [kind, 1 if it had escapes, offset] [length]    offset into the text or into the unescaped bytes
/// array, object       [kind, word after its last value] [count] values…   members of an object: name, value, name, value…
/// </code>
/// The kind is in the upper 8 bits. Used again for the next text, each thread having its own; not thread-safe.
/// </summary>
internal sealed class JsonDocument
{
    private const int KindShift = 56;
    private const ulong EscapedBit = 1UL << 55;
    private const ulong PayloadMask = EscapedBit - 1;

    /// <summary>A larger tape is given back behind each text. Unit: words.</summary>
    private const int KeptWords = 1024;

    private ulong[] _words = RequestArrays.Rent<ulong>(KeptWords);
    private byte[] _unescaped = [];
    private int _unescapedLength;
    private ReadOnlyMemory<byte> _text;

    public JsonValue Root => new(this, 0);

    internal int WordCount { get; private set; }

    /// <summary>Forgets the last text. <paramref name="text"/> must live as long as the values are used.</summary>
    public void Start(ReadOnlyMemory<byte> text)
    {
        _text = text;
        WordCount = 0;
        _unescapedLength = 0;
    }

    /// <summary>Forgets the text and gives the memory back that the next one is not likely to need.</summary>
    public void Clear()
    {
        Start(default);
        if (_words.Length > KeptWords)
        {
            RequestArrays.Return(_words);
            _words = RequestArrays.Rent<ulong>(KeptWords);
        }

        if (_unescaped.Length > 0)
        {
            RequestArrays.Return(_unescaped);
            _unescaped = [];
        }
    }

    internal JsonKind KindAt(int word) => (JsonKind)(_words[word] >> KindShift);

    internal ulong WordAt(int word) => _words[word];

    /// <summary>The word behind the value at <paramref name="word"/>.</summary>
    internal int NextOf(int word) => KindAt(word) switch
    {
        JsonKind.Null or JsonKind.False or JsonKind.True => word + 1,
        JsonKind.Object or JsonKind.Array => (int)(_words[word] & PayloadMask),
        _ => word + 2,
    };

    internal ReadOnlySpan<byte> StringAt(int word)
    {
        ulong head = _words[word];
        ReadOnlySpan<byte> source = (head & EscapedBit) != 0 ? _unescaped : _text.Span;
        return source.Slice((int)(head & PayloadMask), (int)_words[word + 1]);
    }

    internal void AddLiteral(JsonKind kind)
    {
        if (WordCount + 2 > _words.Length)
        {
            Grow();
        }

        _words[WordCount++] = (ulong)kind << KindShift;
    }

    internal void AddNumber(JsonKind kind, ulong bits)
    {
        if (WordCount + 2 > _words.Length)
        {
            Grow();
        }

        _words[WordCount] = (ulong)kind << KindShift;
        _words[WordCount + 1] = bits;
        WordCount += 2;
    }

    /// <param name="offset">Into the text, or what <see cref="UnescapedLength"/> was, for a string with escapes.</param>
    internal void AddString(int offset, int length, bool escaped) =>
        AddNumber(JsonKind.String, (ulong)length, (uint)offset | (escaped ? EscapedBit : 0));

    /// <returns>The word to give to <see cref="EndContainer"/>.</returns>
    internal int AddContainer(JsonKind kind)
    {
        int word = WordCount;
        AddNumber(kind, 0);
        return word;
    }

    internal void EndContainer(int word, int count)
    {
        _words[word] = (_words[word] & ~PayloadMask) | (uint)WordCount;
        _words[word + 1] = (uint)count;
    }

    internal int UnescapedLength => _unescapedLength;

    internal void Unescape(ReadOnlySpan<byte> bytes)
    {
        if (_unescapedLength + bytes.Length > _unescaped.Length)
        {
            byte[] larger = RequestArrays.Rent<byte>(Math.Max(256, (_unescapedLength + bytes.Length) * 2));
            _unescaped.AsSpan(0, _unescapedLength).CopyTo(larger);
            if (_unescaped.Length > 0)
            {
                RequestArrays.Return(_unescaped);
            }

            _unescaped = larger;
        }

        bytes.CopyTo(_unescaped.AsSpan(_unescapedLength));
        _unescapedLength += bytes.Length;
    }

    private void AddNumber(JsonKind kind, ulong bits, ulong payload)
    {
        AddNumber(kind, bits);
        _words[WordCount - 2] |= payload;
    }

    private void Grow()
    {
        ulong[] larger = RequestArrays.Rent<ulong>(_words.Length * 2);
        _words.AsSpan(0, WordCount).CopyTo(larger);
        RequestArrays.Return(_words);
        _words = larger;
    }
}
