using System.Buffers;

namespace SharpServing.Ops.Support;

/// <summary>Pooled memory for the time of one <see cref="Runtime.Registry.OpKernel.Compute"/>; its content is undefined at first.</summary>
internal readonly ref struct Scratch<T>
    where T : unmanaged
{
    private readonly T[] _array;

    /// <param name="count">Elements; may be 0.</param>
    public Scratch(long count)
    {
        _array = ArrayPool<T>.Shared.Rent(checked((int)count));
        Span = _array.AsSpan(0, (int)count);
    }

    public Span<T> Span { get; }

    public void Dispose() => ArrayPool<T>.Shared.Return(_array);
}
