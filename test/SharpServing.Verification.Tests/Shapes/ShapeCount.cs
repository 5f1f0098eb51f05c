namespace SharpServing.Verification.Tests.Shapes;

/// <summary>Tensors that one group of ops gave, and how many of their shapes and values were known before.</summary>
internal sealed record ShapeCount
{
    public int Tensors { get; set; }

    /// <summary>Shapes known in full from the shapes of the feeds and the values of the small ones.</summary>
    public int KnownShapes { get; set; }

    /// <summary>The same for integers, all elements.</summary>
    public int KnownValues { get; set; }

    /// <summary>Ranks known although nothing is known of the feeds.</summary>
    public int RanksOfUnknown { get; set; }
}
