using SharpServing.Tensors;

namespace SharpServing.Runtime.Graphs;

/// <summary>
/// Owns the values that nodes hold while a plan is built on the current thread, and gives them back at its end: a finished plan keeps its
/// own references.
/// </summary>
internal sealed class ConstantScope : IDisposable
{
    [ThreadStatic]
    private static ConstantScope? _current;

    private readonly List<Tensor> _values = [];
    private readonly ConstantScope? _outer;

    public ConstantScope()
    {
        _outer = _current;
        _current = this;
    }

    /// <summary>Takes over one reference to <paramref name="value"/>.</summary>
    public static void Own(Tensor value)
    {
        if (_current is null)
        {
            throw new InvalidOperationException("A graph is only built inside a constant scope.");
        }

        _current._values.Add(value);
    }

    public void Dispose()
    {
        _current = _outer;
        foreach (Tensor value in _values)
        {
            value.Release();
        }
    }
}
