using System.Buffers;
using System.Globalization;
using System.Text;

namespace SharpServing.Server.Rest.Json;

/// <summary>
/// Reads JSON as RapidJSON 1.1 does with the original's flags (iterative, NaN and Inf, stop when done): what follows the root value is
/// ignored, nesting is not limited by a stack, UTF-8 is not checked, a byte order mark is skipped. Error texts and offsets are RapidJSON's,
/// and so are the numbers: its quick conversion to double, which may miss the nearest one by a few last places.
/// </summary>
internal ref struct JsonParser
{
    private static readonly SearchValues<byte> NotPlain = SearchValues.Create(MakeNotPlain());

    private readonly JsonDocument _document;
    private readonly ReadOnlySpan<byte> _text;
    private readonly int _maxDepth;
    private int _at;
    private string? _error;
    private int _errorAt;

    private JsonParser(JsonDocument document, ReadOnlySpan<byte> text, int maxDepth)
    {
        _document = document;
        _text = text;
        _maxDepth = maxDepth;
    }

    /// <summary>What may come next; RapidJSON's names.</summary>
    private enum State : byte
    {
        Start,
        Finish,
        ObjectInitial,
        MemberKey,
        KeyValueDelimiter,
        MemberValue,
        MemberDelimiter,
        ArrayInitial,
        Element,
        ElementDelimiter,
    }

    /// <returns>INVALID_ARGUMENT with the original's text for what is no JSON.</returns>
    public static ServingStatus TryParse(ReadOnlyMemory<byte> text, int maxDepth, JsonDocument document)
    {
        document.Start(text);
        if (text.IsEmpty)
        {
            return ServingStatus.InvalidArgument("JSON Parse error: The document is empty");
        }

        var parser = new JsonParser(document, text.Span, maxDepth);
        parser.Parse();
        return parser._error is null
            ? ServingStatus.Ok
            : ServingStatus.InvalidArgument(string.Create(CultureInfo.InvariantCulture, $"JSON Parse error: {parser._error} at offset: {parser._errorAt}"));
    }

    private static byte[] MakeNotPlain()
    {
        byte[] bytes = new byte[34];
        for (byte b = 0; b < 32; b++)
        {
            bytes[b] = b;
        }

        bytes[32] = (byte)'"';
        bytes[33] = (byte)'\\';
        return bytes;
    }

    private readonly byte Peek() => _at < _text.Length ? _text[_at] : (byte)0;

    private bool Consume(byte expected)
    {
        if (Peek() != expected)
        {
            return false;
        }

        _at++;
        return true;
    }

    private void Fail(string error, int at)
    {
        if (_error is null)
        {
            _error = error;
            _errorAt = at;
        }
    }

    private void SkipBlanks()
    {
        while (_at < _text.Length && _text[_at] is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t')
        {
            _at++;
        }
    }

    private void Parse()
    {
        // A byte order mark; as in RapidJSON, each of its bytes may be missing.
        Consume(0xEF);
        Consume(0xBB);
        Consume(0xBF);

        // The stack of open containers: the word of each on the tape, and how many values it has.
        (int Word, int Count)[] stack = ArrayPool<(int, int)>.Shared.Rent(32);
        int depth = 0;
        var state = State.Start;
        SkipBlanks();
        while (_error is null)
        {
            byte next = Peek();
            if (next == 0)
            {
                break;
            }

            if (next is (byte)'[' or (byte)'{' && TakesValue(state))
            {
                if (depth == _maxDepth)
                {
                    Fail("Nested too deep.", _at);
                    break;
                }

                if (depth == stack.Length)
                {
                    Grow(ref stack);
                }

                if (depth > 0)
                {
                    stack[depth - 1].Count++;
                }

                stack[depth++] = (_document.AddContainer(next == '[' ? JsonKind.Array : JsonKind.Object), 0);
                state = next == '[' ? State.ArrayInitial : State.ObjectInitial;
                _at++;
            }
            else if (next == ']' && state is State.ArrayInitial or State.Element || (next == '}' && state is State.ObjectInitial or State.MemberValue))
            {
                depth--;
                _document.EndContainer(stack[depth].Word, stack[depth].Count);
                state = depth == 0 ? State.Finish : AfterValue(_document.KindAt(stack[depth - 1].Word));
                _at++;
            }
            else if (next == ',' && state is State.Element or State.MemberValue)
            {
                state = state == State.Element ? State.ElementDelimiter : State.MemberDelimiter;
                _at++;
            }
            else if (next == ':' && state == State.MemberKey)
            {
                state = State.KeyValueDelimiter;
                _at++;
            }
            else if (next == '"' && state is State.ObjectInitial or State.MemberDelimiter)
            {
                ParseString();
                state = State.MemberKey;
            }
            else if (TakesValue(state) && next is not ((byte)']' or (byte)'}' or (byte)',' or (byte)':'))
            {
                ParseScalar(next);
                if (depth > 0)
                {
                    stack[depth - 1].Count++;
                }

                state = depth == 0 ? State.Finish : AfterValue(_document.KindAt(stack[depth - 1].Word));
            }
            else
            {
                break;
            }

            if (state == State.Finish)
            {
                break;
            }

            SkipBlanks();
        }

        ArrayPool<(int, int)>.Shared.Return(stack);
        if (state != State.Finish)
        {
            Fail(ErrorOf(state), _at);
        }
    }

    private static bool TakesValue(State state) =>
        state is State.Start or State.KeyValueDelimiter or State.ArrayInitial or State.ElementDelimiter;

    private static State AfterValue(JsonKind parent) => parent == JsonKind.Array ? State.Element : State.MemberValue;

    private static void Grow(ref (int Word, int Count)[] stack)
    {
        (int, int)[] larger = ArrayPool<(int, int)>.Shared.Rent(stack.Length * 2);
        stack.CopyTo(larger, 0);
        ArrayPool<(int, int)>.Shared.Return(stack);
        stack = larger;
    }

    private static string ErrorOf(State state) => state switch
    {
        State.Start => "The document is empty.",
        State.ObjectInitial or State.MemberDelimiter => "Missing a name for object member.",
        State.MemberKey => "Missing a colon after a name of object member.",
        State.MemberValue => "Missing a comma or '}' after an object member.",
        State.Element => "Missing a comma or ']' after an array element.",
        _ => "Invalid value.",
    };

    private void ParseScalar(byte first)
    {
        switch (first)
        {
            case (byte)'"':
                ParseString();
                break;
            case (byte)'t':
                ParseLiteral("true"u8, JsonKind.True);
                break;
            case (byte)'f':
                ParseLiteral("false"u8, JsonKind.False);
                break;
            case (byte)'n':
                ParseLiteral("null"u8, JsonKind.Null);
                break;
            default:
                ParseNumber();
                break;
        }
    }

    private void ParseLiteral(ReadOnlySpan<byte> text, JsonKind kind)
    {
        foreach (byte b in text)
        {
            if (!Consume(b))
            {
                Fail("Invalid value.", _at);
                return;
            }
        }

        _document.AddLiteral(kind);
    }

    private void ParseString()
    {
        int start = ++_at;
        int unescaped = -1;
        while (true)
        {
            int plain = _text[_at..].IndexOfAny(NotPlain);
            int end = plain < 0 ? _text.Length : _at + plain;
            if (unescaped >= 0)
            {
                _document.Unescape(_text[_at..end]);
            }

            _at = end;
            switch (Peek())
            {
                case (byte)'"':
                    if (unescaped < 0)
                    {
                        _document.AddString(start, _at - start, escaped: false);
                    }
                    else
                    {
                        _document.AddString(unescaped, _document.UnescapedLength - unescaped, escaped: true);
                    }

                    _at++;
                    return;
                case (byte)'\\':
                    if (unescaped < 0)
                    {
                        unescaped = _document.UnescapedLength;
                        _document.Unescape(_text[start.._at]);
                    }

                    ParseEscape();
                    if (_error is not null)
                    {
                        return;
                    }

                    break;
                case 0:
                    Fail("Missing a closing quotation mark in string.", _at);
                    return;
                default:
                    Fail("Invalid escape character in string.", _at);
                    return;
            }
        }
    }

    private void ParseEscape()
    {
        int start = _at++;
        byte code = Peek();
        byte single = code switch
        {
            (byte)'"' or (byte)'/' or (byte)'\\' => code,
            (byte)'b' => (byte)'\b',
            (byte)'f' => (byte)'\f',
            (byte)'n' => (byte)'\n',
            (byte)'r' => (byte)'\r',
            (byte)'t' => (byte)'\t',
            _ => 0,
        };
        if (single != 0)
        {
            _at++;
            _document.Unescape([single]);
            return;
        }

        if (code != 'u')
        {
            Fail("Invalid escape character in string.", start);
            return;
        }

        _at++;
        int scalar = ParseHex4(start);
        if (scalar is >= 0xD800 and <= 0xDBFF)
        {
            if (!Consume((byte)'\\') || !Consume((byte)'u'))
            {
                Fail("The surrogate pair in string is invalid.", start);
                return;
            }

            int low = ParseHex4(start);
            if (low is < 0xDC00 or > 0xDFFF)
            {
                Fail("The surrogate pair in string is invalid.", start);
                return;
            }

            scalar = ((scalar - 0xD800) << 10 | (low - 0xDC00)) + 0x10000;
        }

        if (_error is null)
        {
            AddScalar(scalar);
        }
    }

    private int ParseHex4(int start)
    {
        int value = 0;
        for (int i = 0; i < 4; i++)
        {
            byte c = Peek();
            if (!char.IsAsciiHexDigit((char)c))
            {
                Fail("Incorrect hex digit after \\u escape in string.", start);
                return 0;
            }

            value = value << 4 | (char.IsAsciiDigit((char)c) ? c - '0' : (c | 0x20) - 'a' + 10);
            _at++;
        }

        return value;
    }

    /// <summary>UTF-8, also of a lone low surrogate, which RapidJSON lets pass.</summary>
    private readonly void AddScalar(int scalar)
    {
        if (Rune.TryCreate(scalar, out Rune rune))
        {
            Span<byte> bytes = stackalloc byte[4];
            _document.Unescape(bytes[..rune.EncodeToUtf8(bytes)]);
        }
        else
        {
            _document.Unescape([(byte)(0xE0 | scalar >> 12), (byte)(0x80 | (scalar >> 6 & 0x3F)), (byte)(0x80 | (scalar & 0x3F))]);
        }
    }

    private void ParseNumber()
    {
        if (JsonNumberParser.TryParseUsual(_text, ref _at, out JsonKind kind, out ulong bits))
        {
            _document.AddNumber(kind, bits);
            return;
        }

        var number = new JsonNumberParser(_text, _at);
        if (number.TryParse(out kind, out bits))
        {
            _document.AddNumber(kind, bits);
        }
        else
        {
            Fail(number.Error!, number.ErrorAt);
        }

        _at = number.Position;
    }
}
