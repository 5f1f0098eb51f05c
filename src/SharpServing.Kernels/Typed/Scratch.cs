using SharpServing.Tensors;

namespace SharpServing.Kernels;

/// <summary>Pooled memory for the length of a call.</summary>
internal readonly unsafe ref struct Scratch<T>
    where T : unmanaged
{
    private readonly TensorBuffer _buffer;

    public Scratch(long count) => _buffer = TensorAllocator.Shared.Allocate(count * sizeof(T));

    public T* Data => (T*)_buffer.Address;

    public void Dispose() => _buffer.Release();
}
