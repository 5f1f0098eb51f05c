namespace SharpServing.Ops.Strings.Re2;

/// <summary>
/// A piece of a program under construction. Its instructions follow one another from First to the last one emitted when it was made.
/// </summary>
/// <param name="First">Index of its first instruction.</param>
/// <param name="Start">Where it is entered.</param>
/// <param name="Holes">First and last of the chained exits to be joined to what follows; 0: none.</param>
/// <param name="CanBeEmpty">It may match without taking a byte.</param>
/// <param name="Repeats">Largest product of nested counts in it.</param>
internal readonly record struct Fragment(int First, int Start, (int Head, int Tail) Holes, bool CanBeEmpty, int Repeats = 1);
