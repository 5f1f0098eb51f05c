namespace SharpServing.Serving;

/// <summary>
/// A counted reference to a loaded servable. <see langword="default"/> holds nothing. Dispose exactly once, as soon as the request is done.
/// </summary>
public readonly struct ServableHandle : IDisposable
{
    private readonly IServableLease? _lease;

    public ServableHandle(IServableLease lease) => _lease = lease;

    public ServableId Id => _lease!.Id;

    /// <summary>What the loader made, for example a SavedModel bundle.</summary>
    public object Servable => _lease!.Servable;

    public void Dispose() => _lease?.Release();
}

/// <summary>The counted thing behind a <see cref="ServableHandle"/>.</summary>
public interface IServableLease
{
    ServableId Id { get; }

    object Servable { get; }

    void Release();
}
