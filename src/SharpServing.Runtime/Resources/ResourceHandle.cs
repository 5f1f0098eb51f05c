using SharpServing.Tensors;

namespace SharpServing.Runtime.Resources;

/// <summary>
/// The value of a resource tensor, and of a TensorFlow 1 reference: one object a (container, name, kind) of a session. The resource
/// itself comes and goes behind it.
/// </summary>
public sealed class ResourceHandle
{
    private object? _resource;

    internal ResourceHandle(string container, string name, string kind)
    {
        Container = container;
        Name = name;
        Kind = kind;
    }

    public string Container { get; }

    public string Name { get; }

    /// <summary>What the handle is for, as the text of a missing resource names it (<c>N10tensorflow3VarE</c>).</summary>
    public string Kind { get; }

    public DType ElementType { get; init; }

    /// <summary>True from the first resource on, also when it is gone again.</summary>
    public bool EverHeld { get; private set; }

    /// <summary>The resource; <see langword="null"/> before it is made and after it is destroyed.</summary>
    public object? Resource => Volatile.Read(ref _resource);

    /// <summary>The resource, made by <paramref name="make"/> if there is none; of two racing makers one wins.</summary>
    public T GetOrCreate<T>(Func<T> make)
        where T : class
    {
        if (Volatile.Read(ref _resource) is T existing)
        {
            return existing;
        }

        T made = make();
        EverHeld = true;
        return Interlocked.CompareExchange(ref _resource, made, null) as T ?? made;
    }

    public void Set(object? resource)
    {
        EverHeld |= resource is not null;
        object? old = Interlocked.Exchange(ref _resource, resource);
        if (!ReferenceEquals(old, resource))
        {
            (old as IDisposable)?.Dispose();
        }
    }
}
