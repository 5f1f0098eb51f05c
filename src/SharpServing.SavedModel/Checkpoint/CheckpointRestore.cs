using System.Globalization;
using System.Text;
using SharpServing.Tensors;

namespace SharpServing.SavedModel;

/// <summary>
/// What the restore ops do (tensorflow/core/kernels/save_restore_v2_ops.cc, save_restore_tensor.cc): several tensors of one
/// checkpoint at once, with their codes and texts.
/// </summary>
public static class CheckpointRestore
{
    /// <summary>Opens the second generation when <c>PREFIX.index</c> exists, else the first.</summary>
    public static ServingStatus TryOpen(string prefix, out ICheckpointReader? reader)
    {
        if (BundleReader.Exists(prefix))
        {
            ServingStatus status = BundleReader.TryOpen(prefix, out BundleReader? bundle);
            reader = bundle;
            return status;
        }

        ServingStatus opened = TensorSliceReader.TryOpen(prefix, out TensorSliceReader? slices);
        reader = slices;
        return opened;
    }

    /// <summary>The op <c>RestoreV2</c>.</summary>
    /// <param name="shapesAndSlices">One for each name; empty for the whole tensor.</param>
    /// <param name="types">What is expected, one for each name.</param>
    /// <param name="tensors">Receives one tensor with one reference for each name; all empty when the status is not OK.</param>
    public static ServingStatus RestoreV2(
        string prefix, ReadOnlySpan<string> names, ReadOnlySpan<string> shapesAndSlices, ReadOnlySpan<DType> types, Span<Tensor?> tensors)
    {
        tensors.Clear();
        ServingStatus status;
        if (BundleReader.Exists(prefix))
        {
            status = BundleReader.TryOpen(prefix, out BundleReader? bundle);
            if (status.IsOk)
            {
                using (bundle)
                {
                    status = RestoreFromBundle(bundle!, names, shapesAndSlices, types, tensors);
                }
            }
        }
        else
        {
            status = TensorSliceReader.TryOpen(prefix, out TensorSliceReader? slices);
            if (status.IsOk)
            {
                using (slices)
                {
                    for (int i = 0; i < names.Length && status.IsOk; i++)
                    {
                        status = RestoreSlice(slices!, names[i], shapesAndSlices[i], types[i], out tensors[i]);
                    }
                }
            }
        }

        return ReleaseUnlessOk(status, tensors);
    }

    /// <summary>The ops <c>Restore</c> and <c>RestoreSlice</c>: one tensor of a checkpoint of the first generation.</summary>
    /// <param name="shapeAndSlice">Empty for the whole tensor.</param>
    public static ServingStatus RestoreSlice(string filePattern, string name, string shapeAndSlice, DType type, out Tensor? tensor)
    {
        tensor = null;
        ServingStatus status = TensorSliceReader.TryOpen(filePattern, out TensorSliceReader? reader);
        if (!status.IsOk)
        {
            return status;
        }

        using (reader)
        {
            return RestoreSlice(reader!, name, shapeAndSlice, type, out tensor);
        }
    }

    private static ServingStatus RestoreSlice(TensorSliceReader reader, string name, string shapeAndSlice, DType type, out Tensor? tensor)
    {
        tensor = null;
        ServingStatus status = reader.TryDescribe(name, out CheckpointEntry entry);
        if (!status.IsOk)
        {
            return status;
        }

        return entry.Type == type
            ? reader.TryRead(name, shapeAndSlice, out tensor)
            : ServingStatus.InvalidArgument(
                $"Expected to restore a tensor of type {type.ToName()}, got a tensor of type {entry.Type.ToName()} instead: tensor_name = {name}");
    }

    private static ServingStatus RestoreFromBundle(
        BundleReader reader, ReadOnlySpan<string> names, ReadOnlySpan<string> shapesAndSlices, ReadOnlySpan<DType> types, Span<Tensor?> tensors)
    {
        // 1. All types are compared before anything is read.
        var mismatches = new StringBuilder();
        for (int i = 0; i < names.Length; i++)
        {
            ServingStatus status = reader.TryDescribe(names[i], out CheckpointEntry entry);
            if (!status.IsOk)
            {
                return status;
            }

            if (entry.Type != types[i])
            {
                mismatches.Append(mismatches.Length == 0 ? "" : "\n").Append(
                    CultureInfo.InvariantCulture, $"tensor_name = {names[i]}; expected dtype {types[i].ToName()} does not equal original dtype {entry.Type.ToName()}");
            }
        }

        if (mismatches.Length > 0)
        {
            return ServingStatus.InvalidArgument(mismatches.ToString());
        }

        // 2. Places first, in the order of names, which is nearly that of the data files; then the data of all whole tensors together.
        var batch = new BundleReadBatch();
        foreach (int i in OrderByName(names))
        {
            ServingStatus status = reader.TryEnqueue(names[i], shapesAndSlices[i], batch, out tensors[i]);
            if (!status.IsOk)
            {
                return status;
            }
        }

        return batch.Run();
    }

    private static int[] OrderByName(ReadOnlySpan<string> names)
    {
        var keys = new byte[names.Length][];
        var order = new int[names.Length];
        for (int i = 0; i < names.Length; i++)
        {
            keys[i] = Encoding.UTF8.GetBytes(names[i]);
            order[i] = i;
        }

        Array.Sort(order, (a, b) =>
        {
            int compared = keys[a].AsSpan().SequenceCompareTo(keys[b]);
            return compared != 0 ? compared : a.CompareTo(b);
        });
        return order;
    }

    private static ServingStatus ReleaseUnlessOk(ServingStatus status, Span<Tensor?> tensors)
    {
        if (!status.IsOk)
        {
            foreach (ref Tensor? tensor in tensors)
            {
                tensor?.Release();
                tensor = null;
            }
        }

        return status;
    }
}
