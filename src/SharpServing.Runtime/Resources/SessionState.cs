using System.Collections.Concurrent;
using SharpServing.Tensors;

namespace SharpServing.Runtime.Resources;

/// <summary>All state of one session: variables, tables and other named resources, and constants that several plans share.</summary>
public sealed class SessionState : IDisposable
{
    private readonly ConcurrentDictionary<(string Container, string Name, string Kind), ResourceHandle> _handles = new();
    private readonly ConcurrentDictionary<(Tensor Source, string Form), object> _shared = new();
    private readonly HashSet<ResourceHandle> _written = [];
    private readonly HashSet<ResourceHandle> _readInRuns = [];
    private bool _allReadInRuns;
    private int _anonymous;

    /// <summary>True once no signature can make a variable outside <see cref="MarkWritten"/>'s set change: those are constants.</summary>
    public bool IsFrozen { get; internal set; }

    /// <summary>Constants that signatures share; there while they are compiled.</summary>
    internal FoldedConstants? Folded { get; set; }

    public IEnumerable<ResourceHandle> Handles => _handles.Values;

    /// <summary>The handle of a named resource; an empty container is TensorFlow's default one.</summary>
    public ResourceHandle Handle(string container, string name, string kind, DType elementType = DType.Invalid)
    {
        container = container.Length == 0 ? "localhost" : container;
        return _handles.GetOrAdd((container, name, kind), key => new ResourceHandle(key.Container, key.Name, key.Kind) { ElementType = elementType });
    }

    /// <summary>A number nobody else gets, for names of anonymous resources.</summary>
    public int NextAnonymous() => Interlocked.Increment(ref _anonymous);

    /// <summary>True when any resource lives or lived in the container (texts of missing resources differ by that).</summary>
    public bool HasContainer(string container)
    {
        foreach (ResourceHandle handle in _handles.Values)
        {
            if (handle.Container == container && handle.EverHeld)
            {
                return true;
            }
        }

        return false;
    }

    public void MarkWritten(ResourceHandle handle)
    {
        lock (_written)
        {
            _written.Add(handle);
        }
    }

    public bool IsWritten(ResourceHandle handle)
    {
        lock (_written)
        {
            return _written.Contains(handle);
        }
    }

    /// <summary>A step looks at the resource in each run: its value stays.</summary>
    /// <param name="handle"><see langword="null"/>: which one is only known in the run; all stay.</param>
    public void MarkReadInRuns(ResourceHandle? handle)
    {
        lock (_written)
        {
            _allReadInRuns |= handle is null;
            if (handle is not null)
            {
                _readInRuns.Add(handle);
            }
        }
    }

    /// <summary>Steps that were planned so far (those that restore and initialise) do not run again.</summary>
    public void ForgetReads()
    {
        lock (_written)
        {
            _allReadInRuns = false;
            _readInRuns.Clear();
        }
    }

    public bool IsReadInRuns(ResourceHandle handle)
    {
        lock (_written)
        {
            return _allReadInRuns || _readInRuns.Contains(handle);
        }
    }

    /// <summary>
    /// A form of a constant (packed for a kernel, say) that all plans share. Made once; disposed with the session.
    /// </summary>
    public T Share<T>(Tensor source, string form, Func<T> make)
        where T : class
    {
        lock (_shared)
        {
            if (_shared.TryGetValue((source, form), out object? existing))
            {
                return (T)existing;
            }

            T made = make();
            _shared[(source, form)] = made;
            return made;
        }
    }

    public void Dispose()
    {
        Folded?.Dispose();
        foreach (ResourceHandle handle in _handles.Values)
        {
            handle.Set(null);
        }

        foreach (object shared in _shared.Values)
        {
            (shared as IDisposable)?.Dispose();
            (shared as IReferenceCounted)?.Release();
            (shared as Tensor)?.Release();
        }

        _shared.Clear();
    }
}
