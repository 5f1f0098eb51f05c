using System.Runtime.InteropServices;

namespace SharpServing.Ops.Strings.Re2;

/// <summary>
/// Puts a pattern's instructions together, innermost first. An exit that is not joined yet is a hole, numbered 2·instruction (Out)
/// or 2·instruction + 1 (Other); a hole holds the complement of the next hole's number, so that no other memory is needed and
/// a run of instructions can be copied. After the limit of size nothing is emitted any more: the parser goes on for its errors.
/// </summary>
internal sealed class ProgramBuilder
{
    /// <summary>What RE2's default memory (8 MiB, two thirds of it for this direction, a quarter of that for instructions) holds.</summary>
    public const int MaxSize = (8 << 20) * 2 / 3 / 4 / 8;

    private readonly List<Instruction> _code = [new Instruction { Opcode = Opcode.Fail }];
    private readonly List<BranchRow> _rows = [];
    private long _size;

    public bool IsTooLarge { get; private set; }

    /// <summary>Where the next instruction will be.</summary>
    public int Position => _code.Count;

    public Fragment Empty() => Single(new Instruction { Opcode = Opcode.Skip }, canBeEmpty: true);

    public Fragment Assert(Assertions conditions) => Single(new Instruction { Opcode = Opcode.Assert, Low = (byte)conditions }, canBeEmpty: true);

    public Fragment Bytes(byte low, byte high) => Single(new Instruction { Opcode = Opcode.Byte, Low = low, High = high }, canBeEmpty: false);

    public Fragment Concatenate(in Fragment a, in Fragment b)
    {
        Join(a.Holes, b.Start);
        return new Fragment(a.First, a.Start, b.Holes, a.CanBeEmpty && b.CanBeEmpty, System.Math.Max(a.Repeats, b.Repeats));
    }

    /// <summary>The first alternative wins.</summary>
    public Fragment Alternate(in Fragment a, in Fragment b)
    {
        int fork = Emit(new Instruction { Opcode = Opcode.Fork, Out = a.Start, Other = b.Start });
        return new Fragment(a.First, fork, Chain(a.Holes, b.Holes), a.CanBeEmpty || b.CanBeEmpty, System.Math.Max(a.Repeats, b.Repeats));
    }

    public Fragment Capture(in Fragment inner, int first, int group)
    {
        int open = Emit(new Instruction { Opcode = Opcode.Save, Out = inner.Start, Other = 2 * group });
        int close = Emit(new Instruction { Opcode = Opcode.Save, Out = -1, Other = (2 * group) + 1 });
        Join(inner.Holes, close);
        return inner with { First = first, Start = open, Holes = (2 * close, 2 * close) };
    }

    public Fragment Optional(in Fragment a, bool lazy)
    {
        Fragment fork = Fork(a, lazy);
        return fork with { Start = fork.Start, Holes = Chain(a.Holes, fork.Holes), CanBeEmpty = true };
    }

    public Fragment OneOrMore(in Fragment a, bool lazy)
    {
        Fragment fork = Fork(a, lazy);
        Join(a.Holes, fork.Start);
        return fork with { Start = a.Start, CanBeEmpty = a.CanBeEmpty };
    }

    public Fragment ZeroOrMore(in Fragment a, bool lazy)
    {
        // A body that can be empty needs the loop behind it: before it, the order of its alternatives would be lost.
        if (a.CanBeEmpty)
        {
            return Optional(OneOrMore(a, lazy), lazy);
        }

        Fragment fork = Fork(a, lazy);
        Join(a.Holes, fork.Start);
        return fork with { CanBeEmpty = true };
    }

    /// <summary>x{min,max}: x as often as it must be, then x(x(x)?)? as often as it may be.</summary>
    /// <param name="a">The last fragment made: it reaches to the last instruction.</param>
    /// <param name="min">At least 0.</param>
    /// <param name="max">At least <paramref name="min"/>, or -1 for no limit.</param>
    /// <param name="lazy">Fewer before more.</param>
    public Fragment Repeat(in Fragment a, int min, int max, bool lazy)
    {
        if (max == 0)
        {
            return Empty() with { First = a.First };
        }

        if (IsTooLarge || (min == 1 && max == 1))
        {
            return a;
        }

        if (max == -1 && min == 0)
        {
            return ZeroOrMore(a, lazy);
        }

        Instruction[] template = [.. CollectionsMarshal.AsSpan(_code)[a.First..]];
        Fragment result = a;
        bool isUsed = min > 0;
        for (int i = 1; i < min && !IsTooLarge; i++)
        {
            Fragment copy = Copy(template, a);
            result = max == -1 && i == min - 1
                ? Concatenate(result, OneOrMore(copy, lazy))
                : Concatenate(result, copy);
        }

        if (max == -1)
        {
            return min == 1 ? OneOrMore(result, lazy) : result;
        }

        Fragment? tail = null;
        for (int i = min; i < max && !IsTooLarge; i++)
        {
            Fragment copy = isUsed ? Copy(template, a) : a;
            isUsed = true;
            tail = Optional(tail is { } inner ? Concatenate(copy, inner) : copy, lazy);
        }

        if (tail is { } rest)
        {
            result = min == 0 ? rest with { First = a.First } : Concatenate(result, rest);
        }

        return result;
    }

    /// <summary>A branch; what it goes on to is an instruction that follows it.</summary>
    public int EmitBranch(ReadOnlySpan<BranchRow> rows)
    {
        int index = Emit(new Instruction { Opcode = Opcode.Branch, Out = _rows.Count, Other = rows.Length });
        _rows.AddRange(rows);
        return index;
    }

    public int EmitSkip() => Emit(new Instruction { Opcode = Opcode.Skip, Out = -1 });

    /// <summary>A program that matches where <paramref name="body"/> does.</summary>
    public CompiledProgram Finish(in Fragment body)
    {
        int match = Emit(new Instruction { Opcode = Opcode.Match });
        Join(body.Holes, match);
        return new CompiledProgram([.. _code], [.. _rows], body.Start);
    }

    private Fragment Single(Instruction instruction, bool canBeEmpty)
    {
        instruction.Out = -1;
        int index = Emit(instruction);
        return new Fragment(index, index, (2 * index, 2 * index), canBeEmpty);
    }

    /// <summary>A fork into <paramref name="a"/> and a hole, the hole first if lazy.</summary>
    private Fragment Fork(in Fragment a, bool lazy)
    {
        int fork = Emit(new Instruction { Opcode = Opcode.Fork, Out = lazy ? -1 : a.Start, Other = lazy ? a.Start : -1 });
        int hole = lazy ? 2 * fork : (2 * fork) + 1;
        return new Fragment(a.First, fork, (hole, hole), a.CanBeEmpty, a.Repeats);
    }

    private int Emit(in Instruction instruction)
    {
        _size += instruction.Opcode == Opcode.Branch ? 2 * instruction.Other : 1;
        if (IsTooLarge || _size > MaxSize)
        {
            IsTooLarge = true;
            return 0;
        }

        _code.Add(instruction);
        return _code.Count - 1;
    }

    private Fragment Copy(Instruction[] template, in Fragment original)
    {
        int shift = _code.Count - original.First;
        foreach (Instruction instruction in template)
        {
            Instruction copy = instruction;
            if (copy.Opcode != Opcode.Branch)
            {
                copy.Out = Shift(copy.Out, shift);
                copy.Other = copy.Opcode == Opcode.Fork ? Shift(copy.Other, shift) : copy.Other;
            }

            Emit(copy);
        }

        return original with
        {
            First = original.First + shift,
            Start = original.Start == 0 ? 0 : original.Start + shift,
            Holes = original.Holes.Head == 0 ? (0, 0) : (original.Holes.Head + (2 * shift), original.Holes.Tail + (2 * shift)),
        };
    }

    private static int Shift(int target, int shift) => target switch
    {
        > 0 => target + shift,
        < -1 => ~(~target + (2 * shift)),
        _ => target,
    };

    private (int Head, int Tail) Chain((int Head, int Tail) a, (int Head, int Tail) b)
    {
        if (a.Head == 0 || b.Head == 0 || IsTooLarge)
        {
            return a.Head == 0 ? b : a;
        }

        Hole(a.Tail) = ~b.Head;
        return (a.Head, b.Tail);
    }

    private void Join((int Head, int Tail) holes, int target)
    {
        if (IsTooLarge)
        {
            return;
        }

        int hole = holes.Head;
        while (hole != 0)
        {
            ref int field = ref Hole(hole);
            hole = ~field;
            field = target;
        }
    }

    private ref int Hole(int number)
    {
        ref Instruction instruction = ref CollectionsMarshal.AsSpan(_code)[number >> 1];
        return ref (number & 1) == 0 ? ref instruction.Out : ref instruction.Other;
    }
}
