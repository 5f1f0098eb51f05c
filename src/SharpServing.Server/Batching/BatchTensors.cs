using SharpServing.Tensors;

namespace SharpServing.Server.Batching;

/// <summary>Puts tensors together along dimension 0 and takes them apart.</summary>
internal static class BatchTensors
{
    private const int MaxPaddedRank = 6;

    /// <summary>Rows <paramref name="from"/> … of a tensor; shares memory where it can. The caller gets a reference.</summary>
    public static Tensor Rows(Tensor tensor, int from, int count)
    {
        if (from == 0 && count == tensor.Shape[0])
        {
            return tensor.AddRef();
        }

        Shape shape = tensor.Shape.WithDimension(0, count);
        long row = tensor.Shape.CountOf(1, tensor.Rank);
        if (tensor.DType != DType.String)
        {
            return tensor.Slice(from * row, shape);
        }

        var builder = new StringTensorBuilder(shape);
        for (long i = from * row; i < (from + count) * row; i++)
        {
            builder.Append(tensor.String(i));
        }

        return builder.Finish();
    }

    /// <summary>One below the other, then <paramref name="padding"/> times the first row of the last that has one.</summary>
    /// <param name="name">Of the input, for the refusal.</param>
    /// <param name="pad">Makes dimensions from 1 on as large as the largest, with each tensor's own first element.</param>
    /// <param name="result">The caller gets a reference.</param>
    public static ServingStatus TryConcat(IReadOnlyList<Tensor> tensors, int padding, string name, bool pad, out Tensor? result)
    {
        result = null;
        ServingStatus status = TryFindRow(tensors, name, pad, out long[] row);
        if (!status.IsOk)
        {
            return status;
        }

        long rows = padding;
        foreach (Tensor tensor in tensors)
        {
            rows += tensor.Shape[0];
        }

        row[0] = rows;
        if (!Shape.TryCreate(row, out Shape shape))
        {
            return ServingStatus.InvalidArgument($"The batch of '{name}' is too large");
        }

        using var writer = new RowWriter(tensors[0].DType, shape);
        foreach (Tensor tensor in tensors)
        {
            writer.Write(tensor, tensor.Shape[0]);
        }

        for (int t = tensors.Count - 1; t >= 0 && padding > 0; t--)
        {
            for (; tensors[t].Shape[0] > 0 && padding > 0; padding--)
            {
                writer.Write(tensors[t], 1);
            }
        }

        result = writer.Finish();
        return ServingStatus.Ok;
    }

    /// <summary>The sizes of a row that holds all; entry 0 is left open.</summary>
    private static ServingStatus TryFindRow(IReadOnlyList<Tensor> tensors, string name, bool pad, out long[] row)
    {
        Tensor first = tensors[0];
        row = first.Shape.ToArray();
        bool differ = false;
        foreach (Tensor tensor in tensors)
        {
            if (tensor.DType != first.DType)
            {
                return BatchingFaults.TypesDiffer(first.DType.ToName(), tensor.DType.ToName());
            }

            differ |= !tensor.Shape.Dimensions[1..].SequenceEqual(first.Shape.Dimensions[1..]);
        }

        if (!differ)
        {
            return ServingStatus.Ok;
        }

        if (!pad)
        {
            return BatchingFaults.ShapesDiffer(name);
        }

        foreach (Tensor tensor in tensors)
        {
            // The original dies where ranks differ.
            if (tensor.Rank > MaxPaddedRank || tensor.Rank != first.Rank)
            {
                return BatchingFaults.WrongRank;
            }

            if (tensor.ElementCount == 0)
            {
                return BatchingFaults.EmptyInput;
            }

            for (int d = 1; d < row.Length; d++)
            {
                row[d] = Math.Max(row[d], tensor.Shape[d]);
            }
        }

        return ServingStatus.Ok;
    }

    /// <summary>Fills a tensor row by row.</summary>
    private sealed class RowWriter : IDisposable
    {
        private readonly Shape _shape;
        private readonly StringTensorBuilder? _strings;
        private readonly int _elementBytes;
        private Tensor? _target;
        private long _offset;

        public RowWriter(DType type, in Shape shape)
        {
            _shape = shape;
            _elementBytes = type.SizeOf();
            if (type == DType.String)
            {
                _strings = new StringTensorBuilder(shape);
            }
            else
            {
                _target = Tensor.Allocate(type, shape);
            }
        }

        /// <summary>The first rows of a tensor.</summary>
        public void Write(Tensor source, long rows)
        {
            long count = rows * source.Shape.CountOf(1, source.Rank);
            if (source.Shape.Dimensions[1..].SequenceEqual(_shape.Dimensions[1..]))
            {
                for (long i = 0; _strings is not null && i < count; i++)
                {
                    _strings.Append(source.String(i));
                }

                if (_strings is null && count > 0)
                {
                    int bytes = checked((int)(count * _elementBytes));
                    source.Bytes[..bytes].CopyTo(_target!.Bytes[(int)_offset..]);
                    _offset += bytes;
                }

                return;
            }

            for (long row = 0; row < rows; row++)
            {
                WritePadded(source, 1, row);
            }
        }

        public Tensor Finish()
        {
            Tensor result = _strings?.Finish() ?? _target!;
            _target = null;
            return result;
        }

        public void Dispose() => _target?.Release();

        /// <summary>What lies below an index; where the source has nothing, its first element.</summary>
        /// <param name="index">Row-major, of the dimensions before <paramref name="dimension"/>; -1: outside of the source.</param>
        private void WritePadded(Tensor source, int dimension, long index)
        {
            if (dimension == _shape.Rank)
            {
                WriteElement(source, Math.Max(index, 0));
                return;
            }

            long size = source.Shape[dimension];
            for (long i = 0; i < _shape[dimension]; i++)
            {
                WritePadded(source, dimension + 1, index < 0 || i >= size ? -1 : index * size + i);
            }
        }

        private void WriteElement(Tensor source, long index)
        {
            if (_strings is not null)
            {
                _strings.Append(source.String(index));
                return;
            }

            source.Bytes.Slice((int)(index * _elementBytes), _elementBytes).CopyTo(_target!.Bytes[(int)_offset..]);
            _offset += _elementBytes;
        }
    }
}
