using SharpServing.Ops.Support;
using SharpServing.Tensors;

namespace SharpServing.Ops.Parsing;

/// <summary>
/// What a node asks of each example. Where one key is asked for twice, the last asker gets it: dense, sparse, ragged in this order. A key
/// that is both sparse and ragged leaves that sparse feature and every ragged one empty (so the recorded answers of TensorFlow).
/// </summary>
internal sealed class ExampleSpec
{
    private readonly Dictionary<byte[], (FeatureRole Role, int Index)> _index = new(ByteKeyComparer.Instance);
    private readonly Dictionary<byte[], (FeatureRole Role, int Index)>.AlternateLookup<ReadOnlySpan<byte>> _lookup;

    public ExampleSpec(byte[][] denseKeys, DenseFeature[] dense, byte[][] sparseKeys, DType[] sparse, byte[][] raggedKeys, DType[] ragged)
    {
        DenseKeys = denseKeys;
        Dense = dense;
        Sparse = sparse;
        Ragged = ragged;
        Add(denseKeys, FeatureRole.Dense);
        Add(sparseKeys, FeatureRole.Sparse);
        if (!TryRemoveShared(sparseKeys, raggedKeys))
        {
            Add(raggedKeys, FeatureRole.Ragged);
        }

        _lookup = _index.GetAlternateLookup<ReadOnlySpan<byte>>();
    }

    public byte[][] DenseKeys { get; }

    public DenseFeature[] Dense { get; }

    public DType[] Sparse { get; }

    public DType[] Ragged { get; }

    public bool TryFind(ReadOnlySpan<byte> key, out FeatureRole role, out int index)
    {
        bool found = _lookup.TryGetValue(key, out (FeatureRole Role, int Index) slot);
        (role, index) = slot;
        return found;
    }

    private bool TryRemoveShared(byte[][] sparseKeys, byte[][] raggedKeys)
    {
        bool removed = false;
        foreach (byte[] key in raggedKeys)
        {
            removed |= System.Array.Exists(sparseKeys, other => other.AsSpan().SequenceEqual(key)) && _index.Remove(key);
        }

        return removed;
    }

    private void Add(byte[][] keys, FeatureRole role)
    {
        for (int i = 0; i < keys.Length; i++)
        {
            _index[keys[i]] = (role, i);
        }
    }
}
