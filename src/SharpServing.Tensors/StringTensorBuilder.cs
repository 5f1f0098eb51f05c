using System.Buffers;

namespace SharpServing.Tensors;

/// <summary>
/// Makes a string tensor element by element, in row-major order. Elements never appended are empty. Not thread-safe.
/// </summary>
public sealed unsafe class StringTensorBuilder
{
    private readonly Shape _shape;
    private readonly long _count;
    private readonly long[] _offsets;
    private ArrayBufferWriter<byte>? _bytes;
    private long _next;

    public StringTensorBuilder(in Shape shape)
    {
        _shape = shape;
        _count = shape.ElementCount;
        if (_count >= int.MaxValue / sizeof(long))
        {
            throw StatusException.ResourceExhausted($"OOM when allocating tensor with shape{shape} and type string");
        }

        _offsets = new long[_count + 1];
    }

    public void Append(ReadOnlySpan<byte> value)
    {
        if (!value.IsEmpty)
        {
            _bytes ??= new ArrayBufferWriter<byte>();
            if ((long)_bytes.WrittenCount + value.Length > TensorAllocator.Shared.MaxBufferBytes)
            {
                throw StatusException.ResourceExhausted($"OOM when allocating tensor with shape{_shape} and type string");
            }

            _bytes.Write(value);
        }

        _offsets[++_next] = _bytes?.WrittenCount ?? 0;
    }

    public Tensor Finish()
    {
        long length = _bytes?.WrittenCount ?? 0;
        _offsets.AsSpan((int)_next + 1).Fill(length);
        long head = (_count + 1) * sizeof(long);
        TensorBuffer buffer = TensorAllocator.Shared.Allocate(head + length);
        _offsets.CopyTo(new Span<long>(buffer.Address, (int)_count + 1));
        _bytes?.WrittenSpan.CopyTo(new Span<byte>(buffer.Address + head, (int)length));
        return Tensor.FromStringBuffer(buffer, _shape);
    }
}
