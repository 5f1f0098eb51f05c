namespace SharpServing.Serving;

/// <summary>Chooses the next step for one servable stream. Pure: no state, no clock.</summary>
public interface IAspiredVersionPolicy
{
    /// <param name="versions">All versions of the stream that the manager holds, any order.</param>
    /// <returns>At most one step; <see langword="null"/> when there is nothing to do now.</returns>
    (ServableActionKind Kind, long Version)? GetNextAction(ReadOnlySpan<AspiredServableSnapshot> versions);
}
