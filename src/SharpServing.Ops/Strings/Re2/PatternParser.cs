namespace SharpServing.Ops.Strings.Re2;

/// <summary>
/// RE2's syntax with its default options: UTF-8, Perl's classes and groups. Open groups are a list and not recursion, so that
/// no pattern can exhaust the stack. Source: re2/parse.cc.
/// </summary>
internal sealed class PatternParser
{
    private const int MaxRepeat = 1000;
    private const int MaxDepth = 200_000;
    private const string TooLarge = "pattern too large - compile failed";

    /// <summary>Categories of the characters of a group's name.</summary>
    private static readonly string[] NameClasses = ["Lu", "Ll", "Lt", "Lm", "Lo", "Nl", "Mn", "Mc", "Nd", "Pc"];

    private readonly PatternReader _reader;
    private readonly ProgramBuilder _program = new();
    private readonly GroupStack _groups;
    private PatternFlags _flags;
    private int _captures;

    private PatternParser(byte[] pattern)
    {
        _reader = new PatternReader(pattern);
        _groups = new GroupStack(_program);
    }

    private bool IsFolding => (_flags & PatternFlags.Fold) != PatternFlags.None;

    /// <returns>The program and the number of its capturing groups.</returns>
    /// <exception cref="Re2SyntaxException">RE2 does not take the pattern.</exception>
    public static (CompiledProgram Program, int Groups) Parse(byte[] pattern)
    {
        var parser = new PatternParser(pattern);
        Fragment body = parser.Parse();
        CompiledProgram program = parser._program.Finish(body);
        return parser._program.IsTooLarge ? throw new Re2SyntaxException(TooLarge) : (program, parser._captures);
    }

    private Fragment Parse()
    {
        // Where the repetition right before begins; -1: there is none.
        int repetition = -1;
        while (!_reader.IsAtEnd)
        {
            int start = _reader.Position;
            switch (_reader.Peek())
            {
                case (byte)'*' or (byte)'+' or (byte)'?':
                    ParseOperator(start, repetition);
                    repetition = start;
                    continue;
                case (byte)'{' when _reader.TryReadCount(out int min, out int max):
                    ParseCount(start, repetition, min, max);
                    repetition = start;
                    continue;
                default:
                    ParseItem();
                    repetition = -1;
                    break;
            }
        }

        if (_groups.Count > 1)
        {
            throw _reader.Fault("missing )", 0);
        }

        return _groups.Close();
    }

    private void ParseItem()
    {
        switch (_reader.Peek())
        {
            case (byte)'(' when _reader.Peek(1) == '?':
                ParsePerlGroup();
                break;
            case (byte)'(':
                _reader.Position++;
                Open(++_captures);
                break;
            case (byte)')':
                CloseGroup();
                break;
            case (byte)'|':
                _reader.Position++;
                _groups.EndAlternative();
                break;
            case (byte)'^':
                PushAssertion((_flags & PatternFlags.MultiLine) != PatternFlags.None ? Assertions.BeginLine : Assertions.BeginText, 1);
                break;
            case (byte)'$':
                PushAssertion((_flags & PatternFlags.MultiLine) != PatternFlags.None ? Assertions.EndLine : Assertions.EndText, 1);
                break;
            case (byte)'.':
                _reader.Position++;
                PushAnyCharacter();
                break;
            case (byte)'[':
                _groups.Push(ClassCompiler.Compile(_program, ClassParser.ParseBracket(_reader, IsFolding)));
                break;
            case (byte)'\\':
                ParseBackslash();
                break;
            default:
                PushLiteral(_reader.ReadRune());
                break;
        }
    }

    private void ParseBackslash()
    {
        switch (_reader.Peek(1))
        {
            case (byte)'b':
                PushAssertion(Assertions.WordBoundary, 2);
                return;
            case (byte)'B':
                PushAssertion(Assertions.NotWordBoundary, 2);
                return;
            case (byte)'A':
                PushAssertion(Assertions.BeginText, 2);
                return;
            case (byte)'z':
                PushAssertion(Assertions.EndText, 2);
                return;
            case (byte)'C':
                _reader.Position += 2;
                _groups.Push(_program.Bytes(0, 0xFF));
                return;
            case (byte)'Q':
                ParseQuoted();
                return;
        }

        var set = new RuneSet();
        if (ClassParser.TryParseUnicode(_reader, set, IsFolding) || ClassParser.TryParsePerl(_reader, set, IsFolding))
        {
            _groups.Push(ClassCompiler.Compile(_program, set));
        }
        else
        {
            PushLiteral(_reader.ReadEscape());
        }
    }

    /// <summary><c>\Q…\E</c>; the end of the pattern ends it too.</summary>
    private void ParseQuoted()
    {
        _reader.Position += 2;
        while (!_reader.IsAtEnd)
        {
            if (_reader.StartsWith("\\E"u8))
            {
                _reader.Position += 2;
                return;
            }

            PushLiteral(_reader.ReadRune());
        }
    }

    /// <summary><c>(?P&lt;name&gt;</c>, <c>(?flags)</c> and <c>(?flags:</c>.</summary>
    private void ParsePerlGroup()
    {
        int start = _reader.Position;
        if (_reader.StartsWith("(?P<"u8) && _reader.Rest.Length > 4)
        {
            ParseName(start);
            return;
        }

        _reader.Position += 2;
        PatternFlags flags = _flags;
        bool isNegated = false;
        bool hasFlag = false;
        while (true)
        {
            int letter = _reader.IsAtEnd ? -1 : _reader.ReadRune();
            PatternFlags flag = letter switch
            {
                'i' => PatternFlags.Fold,
                'm' => PatternFlags.MultiLine,
                's' => PatternFlags.DotLine,
                'U' => PatternFlags.Ungreedy,
                _ => PatternFlags.None,
            };
            if (flag != PatternFlags.None)
            {
                hasFlag = true;
                flags = isNegated ? flags & ~flag : flags | flag;
            }
            else if (letter == '-' && !isNegated)
            {
                isNegated = true;
                hasFlag = false;
            }
            else if (letter is ':' or ')' && (hasFlag || !isNegated))
            {
                if (letter == ':')
                {
                    Open(0);
                }

                _flags = flags;
                return;
            }
            else
            {
                throw _reader.Fault("invalid perl operator", start);
            }
        }
    }

    private void ParseName(int start)
    {
        int length = _reader.Rest[4..].IndexOf((byte)'>');
        if (length < 0)
        {
            _reader.RequireUtf8(start, _reader.Length);
            throw _reader.Fault("invalid named capture group", start, _reader.Length);
        }

        int end = start + 4 + length;
        _reader.RequireUtf8(start + 4, end);
        _reader.Position = start + 4;
        bool isName = length > 0;
        while (_reader.Position < end)
        {
            int rune = _reader.ReadRune();
            isName &= System.Array.Exists(NameClasses, name => System.Array.Exists(UnicodeTables.Find(name)!, r => r.Low <= rune && rune <= r.High));
        }

        _reader.Position = end + 1;
        if (!isName)
        {
            throw _reader.Fault("invalid named capture group", start);
        }

        Open(++_captures);
    }

    private void ParseOperator(int start, int repetition)
    {
        byte sign = _reader.Peek();
        _reader.Position++;
        bool lazy = ParseLazy(repetition);
        Fragment last = _groups.Last ?? throw _reader.Fault("no argument for repetition operator", start);
        _groups.Last = sign switch
        {
            (byte)'*' => _program.ZeroOrMore(last, lazy),
            (byte)'+' => _program.OneOrMore(last, lazy),
            _ => _program.Optional(last, lazy),
        };
    }

    private void ParseCount(int start, int repetition, int min, int max)
    {
        bool lazy = ParseLazy(repetition);
        if ((max != -1 && max < min) || min > MaxRepeat || max > MaxRepeat)
        {
            throw _reader.Fault("invalid repetition size", start);
        }

        Fragment last = _groups.Last ?? throw _reader.Fault("no argument for repetition operator", start);
        int count = System.Math.Max(1, max < 0 ? min : max);
        if (count > 1 && last.Repeats * count > MaxRepeat)
        {
            throw _reader.Fault("invalid repetition size", start);
        }

        _groups.Last = _program.Repeat(last, min, max, lazy) with { Repeats = last.Repeats * count };
    }

    /// <summary>Reads the question mark of a lazy repetition; refuses a repetition of a repetition.</summary>
    private bool ParseLazy(int repetition)
    {
        bool isMarked = _reader.Peek() == '?';
        _reader.Position += isMarked ? 1 : 0;
        if (repetition >= 0)
        {
            throw _reader.Fault("bad repetition operator", repetition);
        }

        return isMarked != ((_flags & PatternFlags.Ungreedy) != PatternFlags.None);
    }

    private void PushAssertion(Assertions conditions, int length)
    {
        _reader.Position += length;
        _groups.Push(_program.Assert(conditions));
    }

    private void PushAnyCharacter()
    {
        var set = new RuneSet();
        if ((_flags & PatternFlags.DotLine) == PatternFlags.None)
        {
            set.Add('\n', '\n');
        }

        set.Negate();
        _groups.Push(ClassCompiler.Compile(_program, set));
    }

    private void PushLiteral(int rune)
    {
        if (IsFolding)
        {
            var set = new RuneSet();
            set.Add(rune, rune, fold: true);
            _groups.Push(ClassCompiler.Compile(_program, set));
            return;
        }

        byte[] bytes = Utf8Text.Encode(rune);
        Fragment literal = _program.Bytes(bytes[0], bytes[0]);
        foreach (byte value in bytes.AsSpan(1))
        {
            literal = _program.Concatenate(literal, _program.Bytes(value, value));
        }

        _groups.Push(literal);
    }

    private void CloseGroup()
    {
        if (_groups.Count == 1)
        {
            throw _reader.Fault("unexpected )", 0, _reader.Length);
        }

        _reader.Position++;
        _flags = _groups.CloseInner();
    }

    private void Open(int number)
    {
        if (_groups.Count > MaxDepth)
        {
            throw new Re2SyntaxException(TooLarge);
        }

        _groups.Open(number, _flags);
    }
}
