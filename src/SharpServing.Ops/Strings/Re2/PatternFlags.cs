namespace SharpServing.Ops.Strings.Re2;

/// <summary>What <c>(?flags)</c> sets.</summary>
[Flags]
internal enum PatternFlags
{
    None = 0,

    /// <summary>i: letters match in either case.</summary>
    Fold = 1,

    /// <summary>m: ^ and $ match at lines too.</summary>
    MultiLine = 2,

    /// <summary>s: . matches a line feed.</summary>
    DotLine = 4,

    /// <summary>U: x* is lazy and x*? greedy.</summary>
    Ungreedy = 8,
}
