namespace SharpServing.Serving;

/// <summary>Counts the memory that loaded versions reserved. Guarded by the manager's lock.</summary>
internal sealed class ResourceTracker
{
    private readonly long _limit;
    private long _reserved;

    /// <param name="limit">Bytes for all versions together; <see cref="long.MaxValue"/> is no limit.</param>
    public ResourceTracker(long limit) => _limit = limit;

    public bool TryReserve(long bytes)
    {
        if (bytes > _limit - _reserved)
        {
            return false;
        }

        _reserved += bytes;
        return true;
    }

    public void Release(long bytes) => _reserved -= bytes;
}
