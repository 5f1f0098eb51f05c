namespace SharpServing.Serving;

/// <summary>
/// The entry of one loaded version in one <see cref="ServingTable"/>, counted. The table itself holds one reference until it is
/// replaced; requests hold the others. At zero it stays zero.
/// </summary>
internal sealed class ServableLease : IServableLease
{
    private readonly DrainCounter _tableInUse;
    private int _references = 1;

    public ServableLease(ServableId id, object servable, DrainCounter tableInUse)
    {
        Id = id;
        Servable = servable;
        _tableInUse = tableInUse;
    }

    public ServableId Id { get; }

    public object Servable { get; }

    /// <summary>False once the table was replaced and its last request is gone: read the new table.</summary>
    public bool TryAddReference()
    {
        int references = Volatile.Read(ref _references);
        while (references != 0)
        {
            int seen = Interlocked.CompareExchange(ref _references, references + 1, references);
            if (seen == references)
            {
                return true;
            }

            references = seen;
        }

        return false;
    }

    public void Release()
    {
        int references = Interlocked.Decrement(ref _references);
        if (references == 0)
        {
            _tableInUse.Signal();
        }
        else if (references < 0)
        {
            throw new InvalidOperationException($"A handle on {Id} was disposed twice.");
        }
    }
}
