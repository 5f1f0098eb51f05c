using SharpServing.Tensors;

namespace SharpServing.Runtime.Resources;

/// <summary>
/// State of a variable. Reads take a reference under a short lock; an update that changes memory in place first makes sure that nobody else
/// holds it (TensorFlow's copy-on-read).
/// </summary>
public sealed class Variable : IDisposable
{
    private readonly Lock _lock = new();
    private Tensor? _value;

    /// <summary>Serialises read-modify-write updates of this variable.</summary>
    public Lock UpdateLock { get; } = new();

    public bool IsInitialized => Volatile.Read(ref _value) is not null;

    /// <summary>One more reference to the value for the caller, or <see langword="null"/>: never assigned.</summary>
    public Tensor? Read()
    {
        lock (_lock)
        {
            return _value?.AddRef();
        }
    }

    /// <summary>Takes over one reference to <paramref name="value"/>.</summary>
    public void Assign(Tensor? value)
    {
        Tensor? old;
        lock (_lock)
        {
            old = _value;
            _value = value;
        }

        old?.Release();
    }

    public void Dispose() => Assign(null);
}
