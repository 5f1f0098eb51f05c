namespace SharpServing.Ops.Strings.Re2;

/// <summary>A group that is being parsed; the whole pattern is the outermost.</summary>
internal struct OpenGroup
{
    /// <summary>Flags to go back to behind it.</summary>
    public PatternFlags OuterFlags;

    /// <summary>Number of the capture; 0: none.</summary>
    public int Number;

    /// <summary>Its first instruction.</summary>
    public int First;

    /// <summary>Alternatives before the one at hand.</summary>
    public Fragment? Alternatives;

    /// <summary>The alternative at hand without its last item, and that item: what a repetition applies to.</summary>
    public Fragment? Items;
    public Fragment? Last;
}
