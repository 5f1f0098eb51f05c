namespace SharpServing.Ops.Strings.Re2;

/// <summary>One step of a compiled pattern. A negative Out or Other is not joined yet: see <see cref="ProgramBuilder"/>.</summary>
internal struct Instruction
{
    public Opcode Opcode;
    public byte Low;
    public byte High;
    public int Out;
    public int Other;
}
