using SharpServing.Tensors;

namespace SharpServing.Ops.Support;

/// <summary>
/// Fills an output tensor of any dtype from front to back with runs of elements of other tensors: what ops that only move data are made
/// of. Plain elements are copied as bytes, strings appended, objects shared.
/// </summary>
internal unsafe ref struct ElementWriter
{
    private readonly Shape _shape;
    private readonly DType _type;
    private readonly Tensor? _plain;
    private readonly StringTensorBuilder? _strings;
    private readonly object?[]? _objects;
    private readonly int _size;
    private long _next;

    public ElementWriter(DType type, in Shape shape)
    {
        _shape = shape;
        _type = type;
        _size = type.SizeOf();
        if (type == DType.String)
        {
            _strings = new StringTensorBuilder(shape);
        }
        else if (_size == 0)
        {
            _objects = new object?[shape.ElementCount];
        }
        else
        {
            _plain = Tensor.Allocate(type, shape);
        }
    }

    /// <summary>Appends <paramref name="count"/> elements of <paramref name="source"/> from <paramref name="first"/> on.</summary>
    public void Write(Tensor source, long first, long count)
    {
        if (_plain is not null)
        {
            long bytes = count * _size;
            Buffer.MemoryCopy(source.Data + (first * _size), _plain.Data + (_next * _size), bytes, bytes);
        }
        else if (_strings is not null)
        {
            for (long i = first; i < first + count; i++)
            {
                _strings.Append(source.String(i));
            }
        }
        else
        {
            for (long i = 0; i < count; i++)
            {
                object? value = source.Objects[(int)(first + i)];
                (value as IReferenceCounted)?.AddRef();
                _objects![_next + i] = value;
            }
        }

        _next += count;
    }

    /// <summary>Appends one element of <paramref name="source"/> <paramref name="count"/> times.</summary>
    public void Repeat(Tensor source, long index, long count)
    {
        if (_plain is not null && count > 0)
        {
            byte* target = _plain.Data + (_next * _size);
            byte* value = source.Data + (index * _size);
            switch (_size)
            {
                case 1:
                    new Span<byte>(target, checked((int)count)).Fill(*value);
                    break;
                case 2:
                    new Span<ushort>(target, checked((int)count)).Fill(*(ushort*)value);
                    break;
                case 4:
                    new Span<uint>(target, checked((int)count)).Fill(*(uint*)value);
                    break;
                case 8:
                    new Span<ulong>(target, checked((int)count)).Fill(*(ulong*)value);
                    break;
                default:
                    new Span<UInt128>(target, checked((int)count)).Fill(*(UInt128*)value);
                    break;
            }

            _next += count;
            return;
        }

        for (long i = 0; i < count; i++)
        {
            Write(source, index, 1);
        }
    }

    /// <summary>Appends zeros, empty strings or nulls.</summary>
    public void Skip(long count)
    {
        if (_plain is not null)
        {
            new Span<byte>(_plain.Data + (_next * _size), checked((int)(count * _size))).Clear();
        }
        else if (_strings is not null)
        {
            for (long i = 0; i < count; i++)
            {
                _strings.Append([]);
            }
        }

        _next += count;
    }

    /// <summary>The tensor; one reference for the caller. Call once, after the last element.</summary>
    public readonly Tensor Finish() => _plain ?? _strings?.Finish() ?? Tensor.FromObjects(_type, _objects!, _shape);
}
