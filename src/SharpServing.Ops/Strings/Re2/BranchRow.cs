namespace SharpServing.Ops.Strings.Re2;

/// <summary>One row of a branch: bytes from Low to High go on Step instructions after the branch.</summary>
internal readonly record struct BranchRow(byte Low, byte High, int Step);
