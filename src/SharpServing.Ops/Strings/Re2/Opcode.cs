namespace SharpServing.Ops.Strings.Re2;

/// <summary>What a step of a compiled pattern does.</summary>
internal enum Opcode : byte
{
    /// <summary>No thread goes on from here.</summary>
    Fail,

    /// <summary>A thread each for Out and, with lower priority, Other.</summary>
    Fork,

    /// <summary>Nothing: goes on at Out.</summary>
    Skip,

    /// <summary>Takes one byte between Low and High.</summary>
    Byte,

    /// <summary>Takes one byte by a row of the branch table: Out is the first row, Other their number.</summary>
    Branch,

    /// <summary>Notes the position in the slot Other.</summary>
    Save,

    /// <summary>Goes on where the conditions in Low hold.</summary>
    Assert,

    /// <summary>The pattern has matched.</summary>
    Match,
}
