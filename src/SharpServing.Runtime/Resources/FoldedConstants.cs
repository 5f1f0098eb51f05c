using System.Runtime.CompilerServices;
using SharpServing.Runtime.Graphs;
using SharpServing.Tensors;
using Tensorflow;

namespace SharpServing.Runtime.Resources;

/// <summary>
/// Constants that were computed while the signatures of a session are compiled: the same op with the same attributes of the same tensors gives the
/// same tensor to all of them, so that weights which a graph reshapes or transposes are held, and packed, once. Small values are not kept.
/// </summary>
internal sealed class FoldedConstants : IDisposable
{
    private const long MinBytes = 4096;

    private readonly Dictionary<Key, Tensor[]> _values = [];

    /// <summary>Takes the outputs of an equal node over, if one was computed.</summary>
    public bool TryTake(Node node)
    {
        if (KeyOf(node) is not { } key || !_values.TryGetValue(key, out Tensor[]? outputs))
        {
            return false;
        }

        for (int i = 0; i < outputs.Length; i++)
        {
            node.SetConstantOutput(i, outputs[i].AddRef());
        }

        return true;
    }

    /// <summary>Keeps the outputs of a node whose outputs are all constant.</summary>
    public void Add(Node node)
    {
        var outputs = new Tensor[node.OutputTypes.Length];
        long bytes = 0;
        for (int i = 0; i < outputs.Length; i++)
        {
            outputs[i] = node.ConstantOutput(i)!;
            bytes += SizeOf(outputs[i]);
        }

        if (bytes >= MinBytes && KeyOf(node) is { } key && _values.TryAdd(key, outputs))
        {
            foreach (Tensor tensor in (IEnumerable<Tensor>)[.. outputs, .. key.Inputs])
            {
                tensor.AddRef();
            }
        }
    }

    public void Dispose()
    {
        foreach (Tensor output in _values.Values.SelectMany(outputs => outputs))
        {
            output.Release();
        }

        foreach (Tensor input in _values.Keys.SelectMany(key => key.Inputs))
        {
            input.Release();
        }

        _values.Clear();
    }

    private static long SizeOf(Tensor tensor) => tensor.Objects.IsEmpty ? tensor.ByteLength : 0;

    /// <returns><see langword="null"/>: a node of small values.</returns>
    private static Key? KeyOf(Node node)
    {
        if (node.Inputs.Count == 0)
        {
            return node.Attributes.FindRaw("value") is { Tensor: { } proto } ? new Key(node.Op, proto, []) : null;
        }

        var inputs = new Tensor[node.Inputs.Count];
        long bytes = 0;
        for (int i = 0; i < inputs.Length; i++)
        {
            inputs[i] = node.Inputs[i].Constant!;
            bytes += SizeOf(inputs[i]);
        }

        return bytes < MinBytes ? null : new Key(Describe(node), null, inputs);
    }

    private static string Describe(Node node) =>
        $"{node.Op}\n{string.Join(',', node.OutputTypes)}\n{string.Join('\n', node.Attributes.Values.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key}={pair.Value}"))}";

    /// <summary>An op with its attributes, or the proto of a constant, and the very tensors that it takes.</summary>
    private sealed record Key(string Description, TensorProto? Proto, Tensor[] Inputs)
    {
        public bool Equals(Key? other) =>
            other is not null && Description == other.Description && ReferenceEquals(Proto, other.Proto)
            && Inputs.Length == other.Inputs.Length && Inputs.Zip(other.Inputs).All(pair => IsSame(pair.First, pair.Second));

        public override int GetHashCode()
        {
            var hash = default(HashCode);
            hash.Add(Description, StringComparer.Ordinal);
            hash.Add(Proto is null ? 0 : RuntimeHelpers.GetHashCode(Proto));
            foreach (Tensor input in Inputs)
            {
                hash.Add(input.DType);
                hash.Add(input.ElementCount);
            }

            return hash.ToHashCode();
        }

        /// <summary>Large tensors are the same when they are one; a shape or an axis is made anew for each signature.</summary>
        private static bool IsSame(Tensor one, Tensor other) =>
            ReferenceEquals(one, other)
            || (one.DType == other.DType && one.DType.IsPlain() && one.Shape == other.Shape && one.ByteLength < MinBytes && one.Bytes.SequenceEqual(other.Bytes));
    }
}
