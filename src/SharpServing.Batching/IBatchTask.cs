namespace SharpServing.Batching;

/// <summary>Something that can share a run with others.</summary>
public interface IBatchTask
{
    /// <summary>How much of a batch it takes, in rows; not negative.</summary>
    int Size { get; }
}
