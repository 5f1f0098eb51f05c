namespace SharpServing.Ops.Strings.Re2;

/// <summary>A compiled pattern. Immutable.</summary>
internal sealed class CompiledProgram
{
    private readonly bool[]? _firstBytes;

    public CompiledProgram(Instruction[] code, BranchRow[] rows, int start)
    {
        Code = code;
        Rows = rows;
        Start = start;
        HasAssertions = System.Array.Exists(code, static i => i.Opcode == Opcode.Assert);
        _firstBytes = FindFirstBytes();
        IsAnchored = IsStartAsserted();
    }

    public Instruction[] Code { get; }

    /// <summary>Branch tables of all classes.</summary>
    public BranchRow[] Rows { get; }

    public int Start { get; }

    public bool HasAssertions { get; }

    /// <summary>The program can only match at the beginning of the text.</summary>
    public bool IsAnchored { get; }

    /// <summary>Bytes that a match can begin with; null: a match may be empty.</summary>
    public ReadOnlySpan<bool> FirstBytes => _firstBytes;

    public bool HasFirstBytes => _firstBytes is not null;

    /// <summary>Where a branch goes on with a byte; 0: nowhere.</summary>
    public int Follow(int branch, byte value)
    {
        ref readonly Instruction instruction = ref Code[branch];
        ReadOnlySpan<BranchRow> rows = Rows.AsSpan(instruction.Out, instruction.Other);
        int low = 0;
        int high = rows.Length - 1;
        while (low <= high)
        {
            int middle = (low + high) >> 1;
            ref readonly BranchRow row = ref rows[middle];
            if (value < row.Low)
            {
                high = middle - 1;
            }
            else if (value > row.High)
            {
                low = middle + 1;
            }
            else
            {
                return branch + row.Step;
            }
        }

        return 0;
    }

    private bool IsStartAsserted()
    {
        int at = Start;
        while (Code[at].Opcode is Opcode.Save or Opcode.Skip)
        {
            at = Code[at].Out;
        }

        return Code[at].Opcode == Opcode.Assert && (Code[at].Low & (byte)Assertions.BeginText) != 0;
    }

    private bool[]? FindFirstBytes()
    {
        var bytes = new bool[256];
        var isSeen = new bool[Code.Length];
        var pending = new Stack<int>([Start]);
        while (pending.TryPop(out int at))
        {
            if (isSeen[at])
            {
                continue;
            }

            isSeen[at] = true;
            ref readonly Instruction instruction = ref Code[at];
            switch (instruction.Opcode)
            {
                case Opcode.Match:
                    return null;
                case Opcode.Fork:
                    pending.Push(instruction.Out);
                    pending.Push(instruction.Other);
                    break;
                case Opcode.Byte:
                    bytes.AsSpan(instruction.Low, instruction.High - instruction.Low + 1).Fill(true);
                    break;
                case Opcode.Branch:
                    foreach (BranchRow row in Rows.AsSpan(instruction.Out, instruction.Other))
                    {
                        bytes.AsSpan(row.Low, row.High - row.Low + 1).Fill(true);
                    }

                    break;
                case Opcode.Fail:
                    break;
                default:
                    pending.Push(instruction.Out);
                    break;
            }
        }

        return bytes;
    }
}
