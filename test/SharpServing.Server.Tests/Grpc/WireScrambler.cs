using System.Buffers.Binary;
using Google.Protobuf.Collections;
using Tensorflow;
using Tensorflow.Serving;

namespace SharpServing.Server.Tests.Grpc;

/// <summary>
/// Writes a Predict as no writer does, but any reader must understand: fields in any order, submessages in two parts, values packed, one by
/// one or in runs, varints longer than they need be, unknown fields and groups between them.
/// </summary>
internal sealed class WireScrambler
{
    private const int FirstUnknownField = 100;

    private readonly Random _random;

    public WireScrambler(Random random) => _random = random;

    public byte[] Write(PredictRequest message)
    {
        List<List<byte[]>> fields = [SplitMessage(1, ModelSpec(message.ModelSpec))];
        fields.Add([.. message.OutputFilter.Select(name => Bytes(3, System.Text.Encoding.UTF8.GetBytes(name)))]);
        foreach ((string name, TensorProto tensor) in message.Inputs)
        {
            List<byte[]> key = [Bytes(1, System.Text.Encoding.UTF8.GetBytes(name))];
            fields.Add([Bytes(2, Mix([key, SplitMessage(2, Tensor(tensor))]))]);
        }

        return Mix(fields);
    }

    private List<List<byte[]>> ModelSpec(ModelSpec spec)
    {
        List<List<byte[]>> fields =
        [
            [Bytes(1, System.Text.Encoding.UTF8.GetBytes(spec.Name))],
            [Bytes(3, System.Text.Encoding.UTF8.GetBytes(spec.SignatureName))],
        ];
        switch (spec.VersionChoiceCase)
        {
            case Tensorflow.Serving.ModelSpec.VersionChoiceOneofCase.Version:
                fields.Add([Bytes(2, Mix([[Varint(1, (ulong)spec.Version!.Value)]]))]);
                break;
            case Tensorflow.Serving.ModelSpec.VersionChoiceOneofCase.VersionLabel:
                fields.Add([Bytes(4, System.Text.Encoding.UTF8.GetBytes(spec.VersionLabel))]);
                break;
            default:
                break;
        }

        return fields;
    }

    private List<List<byte[]>> Tensor(TensorProto tensor)
    {
        List<List<byte[]>> fields = [[Varint(1, (ulong)(int)tensor.Dtype)], [Varint(3, 7)]];
        List<byte[]> dimensions = [.. tensor.TensorShape.Dim.Select(dim => Bytes(2, Mix([[Varint(1, (ulong)dim.Size)]])))];
        fields.Add(SplitMessage(2, [dimensions]));
        if (tensor.TensorContent.Length > 0)
        {
            fields.Add([Bytes(4, [1, 2, 3]), Bytes(4, tensor.TensorContent.ToByteArray())]);
        }

        fields.Add([.. tensor.StringVal.Select(text => Bytes(8, text.ToByteArray()))]);
        fields.Add(Fixed32(5, tensor.FloatVal));
        fields.Add(Fixed32(9, tensor.ScomplexVal));
        fields.Add(Fixed64(6, tensor.DoubleVal));
        fields.Add(Fixed64(12, tensor.DcomplexVal));
        fields.Add(Varints(7, [.. tensor.IntVal.Select(value => (ulong)value)]));
        fields.Add(Varints(10, [.. tensor.Int64Val.Select(value => (ulong)value)]));
        fields.Add(Varints(11, [.. tensor.BoolVal.Select(value => value ? 1UL + (ulong)_random.Next(3) : 0UL)]));
        fields.Add(Varints(13, [.. tensor.HalfVal.Select(value => (ulong)value)]));
        fields.Add(Varints(16, [.. tensor.Uint32Val.Select(value => (ulong)value)]));
        fields.Add(Varints(17, [.. tensor.Uint64Val]));
        if (tensor.Float8Val.Length > 0)
        {
            fields.Add([Bytes(18, [9]), Bytes(18, tensor.Float8Val.ToByteArray())]);
        }

        return fields;
    }

    /// <summary>One field each, or a message in two parts, which a reader merges.</summary>
    private List<byte[]> SplitMessage(int field, List<List<byte[]>> fields)
    {
        if (_random.Next(2) == 0)
        {
            return [Bytes(field, Mix(fields))];
        }

        List<List<byte[]>> first = [];
        List<List<byte[]>> second = [];
        foreach (List<byte[]> parts in fields)
        {
            int cut = _random.Next(parts.Count + 1);
            first.Add(parts[..cut]);
            second.Add(parts[cut..]);
        }

        return [Bytes(field, Mix(first)), Bytes(field, Mix(second))];
    }

    /// <summary>All in a random order, but that of one list's entries is kept; unknown fields between them.</summary>
    private byte[] Mix(List<List<byte[]>> fields)
    {
        var bytes = new List<byte>();
        List<Queue<byte[]>> left = [.. fields.Where(parts => parts.Count > 0).Select(parts => new Queue<byte[]>(parts))];
        while (left.Count > 0)
        {
            if (_random.Next(6) == 0)
            {
                bytes.AddRange(Unknown(0));
            }

            int index = _random.Next(left.Count);
            bytes.AddRange(left[index].Dequeue());
            if (left[index].Count == 0)
            {
                left.RemoveAt(index);
            }
        }

        return [.. bytes];
    }

    private byte[] Unknown(int depth)
    {
        int field = FirstUnknownField + _random.Next(1 << 20);
        switch (_random.Next(depth < 3 ? 5 : 4))
        {
            case 0:
                return Varint(field, (ulong)_random.NextInt64());
            case 1:
                return [.. Number(((ulong)field << 3) | 1, isTag: true), .. new byte[8]];
            case 2:
                byte[] content = new byte[_random.Next(5)];
                _random.NextBytes(content);
                return Bytes(field, content);
            case 3:
                return [.. Number(((ulong)field << 3) | 5, isTag: true), .. new byte[4]];
            default:
                IEnumerable<byte> inside = Enumerable.Range(0, _random.Next(3)).SelectMany(_ => Unknown(depth + 1));
                return [.. Number(((ulong)field << 3) | 3, isTag: true), .. inside, .. Number(((ulong)field << 3) | 4, isTag: true)];
        }
    }

    private List<byte[]> Fixed32(int field, RepeatedField<float> values) => Runs(field, 5, [.. values.Select(value =>
    {
        byte[] bytes = new byte[sizeof(float)];
        BinaryPrimitives.WriteSingleLittleEndian(bytes, value);
        return bytes;
    })]);

    private List<byte[]> Fixed64(int field, RepeatedField<double> values) => Runs(field, 1, [.. values.Select(value =>
    {
        byte[] bytes = new byte[sizeof(double)];
        BinaryPrimitives.WriteDoubleLittleEndian(bytes, value);
        return bytes;
    })]);

    private List<byte[]> Varints(int field, ulong[] values) => Runs(field, 0, [.. values.Select(value => Number(value))]);

    /// <summary>Values one by one, or packed in runs.</summary>
    private List<byte[]> Runs(int field, uint wire, byte[][] values)
    {
        var parts = new List<byte[]>();
        for (int at = 0; at < values.Length;)
        {
            int count = _random.Next(0, values.Length - at + 1);
            bool packed = count != 1 || _random.Next(2) == 0;
            parts.Add(packed
                ? Bytes(field, [.. values.AsSpan(at, count).ToArray().SelectMany(value => value)])
                : [.. Number(((ulong)field << 3) | wire, isTag: true), .. values[at]]);
            at += count;
        }

        return parts;
    }

    private byte[] Varint(int field, ulong value) => [.. Number((ulong)field << 3, isTag: true), .. Number(value)];

    private byte[] Bytes(int field, byte[] content) => [.. Number(((ulong)field << 3) | 2, isTag: true), .. Number((ulong)content.Length, isTag: true), .. content];

    /// <summary>A varint, with up to all of its ten bytes (five: of tags and lengths).</summary>
    private byte[] Number(ulong value, bool isTag = false)
    {
        var bytes = new List<byte>();
        for (; value >= 0x80; value >>= 7)
        {
            bytes.Add((byte)(value | 0x80));
        }

        bytes.Add((byte)value);
        int longest = isTag ? 5 : 10;
        if (_random.Next(5) == 0)
        {
            for (int more = _random.Next(longest - bytes.Count + 1); more > 0; more--)
            {
                bytes[^1] |= 0x80;
                bytes.Add(0);
            }
        }

        return [.. bytes];
    }
}
