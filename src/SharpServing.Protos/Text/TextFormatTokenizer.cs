using System.Globalization;

namespace SharpServing.Protos.Text;

/// <summary>
/// Splits text into the tokens of protobuf's tokenizer, comments with <c>#</c>. A fault is reported and the tokenizer goes on,
/// as the original does, so that one fault gives the same list of errors.
/// </summary>
internal sealed class TextFormatTokenizer
{
    private const int TabWidth = 8;
    private const int EndOfText = -1;

    private readonly ReadOnlyMemory<byte> _text;
    private readonly Action<int, int, string> _report;
    private int _at;
    private int _line;
    private int _column;
    private int _start;
    private TextFormatTokenType _previousType;
    private int _previousLine;
    private int _previousEndColumn;

    /// <param name="report">Receives line and column, both from 0, and a text.</param>
    public TextFormatTokenizer(ReadOnlyMemory<byte> text, Action<int, int, string> report)
    {
        _text = text;
        _report = report;
    }

    public TextFormatTokenType Type { get; private set; } = TextFormatTokenType.Start;

    /// <summary>Bytes of the token; empty at the end.</summary>
    public ReadOnlySpan<byte> Text => _text.Span[_start..(_start + Length)];

    /// <summary>Of the token's first byte, from 0.</summary>
    public int Line { get; private set; }

    /// <summary>Of the token's first byte, from 0.</summary>
    public int Column { get; private set; }

    /// <summary>True once the byte behind the last one has been asked for.</summary>
    public bool ReachedEnd => _at == _text.Length;

    private int Length { get; set; }

    private int Current => _at < _text.Length ? _text.Span[_at] : EndOfText;

    public void Next()
    {
        _previousType = Type;
        _previousLine = Line;
        _previousEndColumn = Column + Length;
        while (_at < _text.Length)
        {
            int c = Current;
            if (IsSpace(c))
            {
                Advance();
            }
            else if (c == '#')
            {
                SkipComment();
            }
            else if (c < ' ')
            {
                Report("Invalid control characters encountered in text.");
                while (Current is >= 0 and < ' ')
                {
                    Advance();
                }
            }
            else
            {
                ReadToken(c);
                return;
            }
        }

        Type = TextFormatTokenType.End;
        _start = _at;
        Length = 0;
        Line = _line;
        Column = _column;
    }

    private static bool IsSpace(int c) => c is ' ' or '\n' or '\t' or '\r' or '\v' or '\f';

    private static bool IsLetter(int c) => c is (>= 'a' and <= 'z') or (>= 'A' and <= 'Z') or '_';

    private static bool IsDigit(int c) => c is >= '0' and <= '9';

    private static bool IsOctalDigit(int c) => c is >= '0' and <= '7';

    private static bool IsHexDigit(int c) => c is (>= '0' and <= '9') or (>= 'a' and <= 'f') or (>= 'A' and <= 'F');

    private static bool IsWordByte(int c) => IsLetter(c) || IsDigit(c);

    private void ReadToken(int c)
    {
        _start = _at;
        Line = _line;
        Column = _column;
        Advance();
        if (IsLetter(c))
        {
            SkipWhile(IsWordByte);
            Type = TextFormatTokenType.Identifier;
        }
        else if (c == '.' && IsDigit(Current))
        {
            Advance();
            if (_previousType == TextFormatTokenType.Identifier && Line == _previousLine && Column == _previousEndColumn)
            {
                _report(_line, _column - 2, "Need space between identifier and decimal point.");
            }

            Type = ReadNumber(startedWithZero: false, startedWithPoint: true);
        }
        else if (IsDigit(c))
        {
            Type = ReadNumber(startedWithZero: c == '0', startedWithPoint: false);
        }
        else if (c is '"' or '\'')
        {
            ReadString(c);
            Type = TextFormatTokenType.String;
        }
        else
        {
            if (c >= 0x80)
            {
                _report(Line, Column, string.Create(CultureInfo.InvariantCulture, $"Interpreting non ascii codepoint {c}."));
            }

            Type = TextFormatTokenType.Symbol;
        }

        Length = _at - _start;
    }

    private TextFormatTokenType ReadNumber(bool startedWithZero, bool startedWithPoint)
    {
        bool isFloat = startedWithPoint;
        if (startedWithZero && (TryTake('x') || TryTake('X')))
        {
            Require(IsHexDigit(Current), "\"0x\" must be followed by hex digits.");
            SkipWhile(IsHexDigit);
        }
        else if (startedWithZero && IsDigit(Current))
        {
            SkipWhile(IsOctalDigit);
            if (IsDigit(Current))
            {
                Report("Numbers starting with leading zero must be in octal.");
                SkipWhile(IsDigit);
            }
        }
        else
        {
            SkipWhile(IsDigit);
            if (!startedWithPoint && TryTake('.'))
            {
                isFloat = true;
                SkipWhile(IsDigit);
            }

            if (TryTake('e') || TryTake('E'))
            {
                isFloat = true;
                _ = TryTake('-') || TryTake('+');
                Require(IsDigit(Current), "\"e\" must be followed by exponent.");
                SkipWhile(IsDigit);
            }

            isFloat |= TryTake('f') || TryTake('F');
        }

        if (Current == '.')
        {
            Report(isFloat
                ? "Already saw decimal point or exponent; can't have another one."
                : "Hex and octal numbers must be integers.");
        }

        return isFloat ? TextFormatTokenType.Float : TextFormatTokenType.Integer;
    }

    private void ReadString(int delimiter)
    {
        while (true)
        {
            int c = Current;
            if (c is EndOfText or 0)
            {
                Report("Unexpected end of string.");
                return;
            }

            if (c == '\n')
            {
                Report("Multiline strings are not allowed. Did you miss a \"?.");
                return;
            }

            Advance();
            if (c == delimiter)
            {
                return;
            }

            if (c == '\\')
            {
                ReadEscape();
            }
        }
    }

    private void ReadEscape()
    {
        int c = Current;
        if (c is 'a' or 'b' or 'f' or 'n' or 'r' or 't' or 'v' or '\\' or '?' or '\'' or '"' || IsOctalDigit(c))
        {
            Advance();
        }
        else if (TryTake('x') || TryTake('X'))
        {
            Require(TakeHexDigits(1), "Expected hex digits for escape sequence.");
        }
        else if (TryTake('u'))
        {
            Require(TakeHexDigits(4), "Expected four hex digits for \\u escape sequence.");
        }
        else if (TryTake('U'))
        {
            Require(
                TryTake('0') && TryTake('0') && (TryTake('0') || TryTake('1')) && TakeHexDigits(5),
                "Expected eight hex digits up to 10ffff for \\U escape sequence");
        }
        else
        {
            Report("Invalid escape sequence in string literal.");
        }
    }

    private void SkipComment()
    {
        while (Current is not (EndOfText or '\n'))
        {
            Advance();
        }
    }

    private bool TakeHexDigits(int count)
    {
        for (int i = 0; i < count; i++)
        {
            if (!IsHexDigit(Current))
            {
                return false;
            }

            Advance();
        }

        return true;
    }

    private void SkipWhile(Func<int, bool> isMember)
    {
        while (isMember(Current))
        {
            Advance();
        }
    }

    private bool TryTake(char c)
    {
        bool found = Current == c;
        if (found)
        {
            Advance();
        }

        return found;
    }

    private void Require(bool condition, string otherwise)
    {
        if (!condition)
        {
            Report(otherwise);
        }
    }

    private void Report(string text) => _report(_line, _column, text);

    private void Advance()
    {
        switch (Current)
        {
            case '\n':
                _line++;
                _column = 0;
                break;
            case '\t':
                _column += TabWidth - (_column % TabWidth);
                break;
            default:
                _column++;
                break;
        }

        _at++;
    }
}
