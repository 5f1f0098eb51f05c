namespace SharpServing.Serving;

/// <summary>What an aspired list changes.</summary>
/// <param name="MustWait">Nothing now: the list names a version that still has to go.</param>
/// <param name="Unaspire">Versions held that are not wanted any more; their load retries end.</param>
/// <param name="Add">Versions to be managed anew.</param>
/// <param name="Duplicates">Versions that the list names twice; the first entry counts.</param>
public sealed record AspiredVersionsPlan(
    bool MustWait, IReadOnlyList<long> Unaspire, IReadOnlyList<AspiredVersion> Add, IReadOnlyList<long> Duplicates)
{
    public static readonly AspiredVersionsPlan Waiting = new(MustWait: true, [], [], []);
}
