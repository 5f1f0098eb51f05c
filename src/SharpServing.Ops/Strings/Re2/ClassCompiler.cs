namespace SharpServing.Ops.Strings.Re2;

/// <summary>
/// A class of code points as branches over the bytes of UTF-8. All code points from U+0080 on together also take overlong forms, and
/// up to U+13FFFF: RE2 makes its automaton small that way.
/// </summary>
internal sealed class ClassCompiler
{
    private readonly ProgramBuilder _program;
    private readonly int _end;
    private readonly Dictionary<(byte Low, byte High, int Next), int> _tails = [];

    private ClassCompiler(ProgramBuilder program)
    {
        _program = program;
        _end = program.EmitSkip();
    }

    /// <summary>One character of a class; without members it never matches.</summary>
    public static Fragment Compile(ProgramBuilder program, RuneSet set)
    {
        int first = program.Position;
        if (program.IsTooLarge || set.Ranges.Count == 0)
        {
            return new Fragment(first, 0, (0, 0), CanBeEmpty: false);
        }

        var sequences = new List<ByteSequence>();
        foreach ((int low, int high) in set.Ranges)
        {
            Split(low, high, sequences);
        }

        var compiler = new ClassCompiler(program);
        int start = compiler.Compile(sequences, 0);
        return new Fragment(first, start, (2 * compiler._end, 2 * compiler._end), CanBeEmpty: false);
    }

    /// <summary>Sequences in order that agree up to <paramref name="depth"/>; gives the branch they begin with.</summary>
    private int Compile(List<ByteSequence> sequences, int depth)
    {
        var targets = new List<(byte Low, byte High, int Target)>();
        for (int i = 0; i < sequences.Count;)
        {
            (byte low, byte high) = sequences[i][depth];
            int end = i + 1;
            while (end < sequences.Count && sequences[end][depth] == (low, high))
            {
                end++;
            }

            int target = sequences[i].Length == depth + 1 ? _end : Compile(sequences.GetRange(i, end - i), depth + 1);
            targets.Add((low, high, target));
            i = end;
        }

        // Runs of continuation bytes are met again and again.
        (byte Low, byte High, int Target) key = targets[0];
        if (targets.Count == 1 && depth > 0 && _tails.TryGetValue(key, out int known))
        {
            return known;
        }

        int position = _program.Position;
        int branch = _program.EmitBranch([.. targets.Select(t => new BranchRow(t.Low, t.High, t.Target - position))]);
        if (targets.Count == 1 && depth > 0)
        {
            _tails[key] = branch;
        }

        return branch;
    }

    /// <summary>Ranges of code points as sequences of byte ranges.</summary>
    private static void Split(int low, int high, List<ByteSequence> sequences)
    {
        if (low == 0x80 && high == RuneSet.MaxRune)
        {
            sequences.Add(new ByteSequence([(0xC2, 0xDF), (0x80, 0xBF)]));
            sequences.Add(new ByteSequence([(0xE0, 0xEF), (0x80, 0xBF), (0x80, 0xBF)]));
            sequences.Add(new ByteSequence([(0xF0, 0xF4), (0x80, 0xBF), (0x80, 0xBF), (0x80, 0xBF)]));
            return;
        }

        ReadOnlySpan<int> lasts = [0x7F, 0x7FF, 0xFFFF];
        foreach (int last in lasts)
        {
            if (low <= last && last < high)
            {
                Split(low, last, sequences);
                Split(last + 1, high, sequences);
                return;
            }
        }

        if (high > 0x7F)
        {
            // Parts whose leading bytes agree, or whose last bytes are all there are.
            for (int bits = 6; bits <= 18; bits += 6)
            {
                int mask = (1 << bits) - 1;
                if ((low & ~mask) != (high & ~mask) && (low & mask) != 0)
                {
                    Split(low, low | mask, sequences);
                    Split((low | mask) + 1, high, sequences);
                    return;
                }

                if ((low & ~mask) != (high & ~mask) && (high & mask) != mask)
                {
                    Split(low, (high & ~mask) - 1, sequences);
                    Split(high & ~mask, high, sequences);
                    return;
                }
            }
        }

        byte[] from = Utf8Text.Encode(low);
        byte[] to = Utf8Text.Encode(high);
        sequences.Add(new ByteSequence([.. from.Zip(to)]));
    }
}
