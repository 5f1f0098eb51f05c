namespace SharpServing.Ops.Strings.Re2;

/// <summary>What can be said of a position between two bytes.</summary>
[Flags]
internal enum Assertions : byte
{
    None = 0,
    BeginLine = 1,
    EndLine = 2,
    BeginText = 4,
    EndText = 8,
    WordBoundary = 16,
    NotWordBoundary = 32,
}
