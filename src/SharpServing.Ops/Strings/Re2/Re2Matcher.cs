namespace SharpServing.Ops.Strings.Re2;

/// <summary>
/// Runs a pattern over texts: all threads in step, byte by byte, so that the time is at most (bytes of text) × (size of pattern).
/// Holds the memory for that; not thread-safe.
/// </summary>
internal sealed class Re2Matcher
{
    private const int BytesPerCheck = 1 << 14;

    private readonly CompiledProgram _program;
    private readonly CancellationToken _cancellation;
    private readonly int _slotCount;
    private readonly Stack<(int Instruction, int Slot, int Value)> _pending = new();
    private readonly int[] _slots;
    private ThreadList _now;
    private ThreadList _next;
    private int[] _nowSlots;
    private int[] _nextSlots;

    /// <param name="regex">What is looked for.</param>
    /// <param name="groups">How many groups a match is asked for, the whole one included; 0: only whether there is one.</param>
    /// <param name="cancellation">Looked at now and then in long texts.</param>
    public Re2Matcher(Re2Regex regex, int groups, CancellationToken cancellation)
    {
        _program = regex.Program;
        _cancellation = cancellation;
        _slotCount = 2 * groups;
        int size = _program.Code.Length;
        _now = new ThreadList(size);
        _next = new ThreadList(size);
        _slots = new int[_slotCount];
        _nowSlots = new int[size * _slotCount];
        _nextSlots = new int[size * _slotCount];
    }

    /// <summary>Whether the whole text matches.</summary>
    public bool IsFullMatch(ReadOnlySpan<byte> text) => Run(text, 0, isWhole: true, []);

    /// <summary>Finds the first match at or behind a position.</summary>
    /// <param name="text">The whole text: what lies before <paramref name="start"/> counts for <c>^</c> and <c>\b</c>.</param>
    /// <param name="start">Where to begin.</param>
    /// <param name="groups">Gets beginning and end of each group; -1: not part of the match.</param>
    public bool Find(ReadOnlySpan<byte> text, int start, Span<int> groups) => Run(text, start, isWhole: false, groups);

    private bool Run(ReadOnlySpan<byte> text, int start, bool isWhole, Span<int> groups)
    {
        bool isMatched = false;
        bool isAnchored = isWhole || _program.IsAnchored;
        _now.Clear();
        for (int at = start; ; at++)
        {
            if (!isMatched && (at == start || !isAnchored))
            {
                if (_now.Count == 0 && !isAnchored && _program.HasFirstBytes)
                {
                    at = SkipToFirstByte(text, at);
                }

                _slots.AsSpan().Fill(-1);
                Follow(_program.Start, _now, _nowSlots, text, at);
            }

            if (_now.Count == 0 && (isMatched || isAnchored || at >= text.Length))
            {
                return isMatched;
            }

            isMatched |= Step(text, at, isWhole, groups);
            if (at >= text.Length)
            {
                return isMatched;
            }

            (_now, _next) = (_next, _now);
            (_nowSlots, _nextSlots) = (_nextSlots, _nowSlots);
            if ((at & (BytesPerCheck - 1)) == BytesPerCheck - 1 && _cancellation.IsCancellationRequested)
            {
                throw new StatusException(StatusCode.Cancelled, "Run was cancelled");
            }
        }
    }

    private int SkipToFirstByte(ReadOnlySpan<byte> text, int at)
    {
        ReadOnlySpan<bool> first = _program.FirstBytes;
        while (at < text.Length && !first[text[at]])
        {
            at++;
        }

        return at;
    }

    /// <summary>Takes the byte at a position, or notes a match there, which ends the threads of lower priority.</summary>
    private bool Step(ReadOnlySpan<byte> text, int at, bool isWhole, Span<int> groups)
    {
        _next.Clear();
        int value = at < text.Length ? text[at] : -1;
        foreach (int thread in _now.Threads)
        {
            ref readonly Instruction instruction = ref _program.Code[thread];
            int target = 0;
            switch (instruction.Opcode)
            {
                case Opcode.Match when !isWhole || value < 0:
                    _nowSlots.AsSpan(thread * _slotCount, _slotCount).CopyTo(groups);
                    if (groups.Length > 1)
                    {
                        groups[1] = at;
                    }

                    return true;
                case Opcode.Byte:
                    target = value >= instruction.Low && value <= instruction.High ? instruction.Out : 0;
                    break;
                case Opcode.Branch:
                    target = value < 0 ? 0 : _program.Follow(thread, (byte)value);
                    break;
            }

            if (target != 0)
            {
                _nowSlots.AsSpan(thread * _slotCount, _slotCount).CopyTo(_slots);
                Follow(target, _next, _nextSlots, text, at + 1);
            }
        }

        return false;
    }

    /// <summary>Adds the threads that an instruction leads to without taking a byte, the preferred first.</summary>
    private void Follow(int start, ThreadList threads, int[] slots, ReadOnlySpan<byte> text, int at)
    {
        if (_slotCount > 0 && start == _program.Start && _slots[0] < 0)
        {
            _slots[0] = at;
        }

        Assertions holding = _program.HasAssertions ? AssertionsAt(text, at) : Assertions.None;
        _pending.Push((start, -1, 0));
        while (_pending.TryPop(out (int Instruction, int Slot, int Value) item))
        {
            if (item.Slot >= 0)
            {
                _slots[item.Slot] = item.Value;
                continue;
            }

            int next = item.Instruction;
            while (next != 0 && threads.TryVisit(next))
            {
                ref readonly Instruction instruction = ref _program.Code[next];
                switch (instruction.Opcode)
                {
                    case Opcode.Fork:
                        _pending.Push((instruction.Other, -1, 0));
                        next = instruction.Out;
                        break;
                    case Opcode.Save:
                        if (instruction.Other < _slotCount)
                        {
                            _pending.Push((0, instruction.Other, _slots[instruction.Other]));
                            _slots[instruction.Other] = at;
                        }

                        next = instruction.Out;
                        break;
                    case Opcode.Skip:
                        next = instruction.Out;
                        break;
                    case Opcode.Assert:
                        next = ((Assertions)instruction.Low & ~holding) == Assertions.None ? instruction.Out : 0;
                        break;
                    default:
                        threads.Add(next);
                        _slots.CopyTo(slots, next * _slotCount);
                        next = 0;
                        break;
                }
            }
        }
    }

    private static Assertions AssertionsAt(ReadOnlySpan<byte> text, int at)
    {
        Assertions holding = at == 0 ? Assertions.BeginText | Assertions.BeginLine
            : text[at - 1] == '\n' ? Assertions.BeginLine : Assertions.None;
        holding |= at == text.Length ? Assertions.EndText | Assertions.EndLine
            : text[at] == '\n' ? Assertions.EndLine : Assertions.None;
        bool isWordBefore = at > 0 && PatternReader.IsWordCharacter(text[at - 1]);
        bool isWordAfter = at < text.Length && PatternReader.IsWordCharacter(text[at]);
        return holding | (isWordBefore != isWordAfter ? Assertions.WordBoundary : Assertions.NotWordBoundary);
    }
}
