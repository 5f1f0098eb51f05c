using System.Buffers;
using SharpServing.Server.Grpc;
using SharpServing.Tensors;

namespace SharpServing.Server.Tests.Grpc;

/// <summary>Small tensors of any type with any bits, and their messages by the writer under test.</summary>
internal static class RandomTensors
{
    public static readonly DType[] Types =
    [
        DType.Float, DType.Double, DType.Int32, DType.UInt8, DType.Int16, DType.Int8, DType.String, DType.Complex64, DType.Int64, DType.Bool,
        DType.QInt8, DType.QUInt8, DType.QInt32, DType.BFloat16, DType.QInt16, DType.QUInt16, DType.UInt16, DType.Complex128, DType.Half,
        DType.UInt32, DType.UInt64, DType.Float8E5M2, DType.Float8E4M3FN, DType.Int4, DType.UInt4, DType.Int2, DType.UInt2,
    ];

    public static Tensor Make(DType type, Random random)
    {
        long[] sizes = [.. Enumerable.Range(0, random.Next(0, 4)).Select(_ => (long)random.Next(0, 5))];
        var shape = new Shape(sizes);
        if (type == DType.String)
        {
            var builder = new StringTensorBuilder(shape);
            for (long i = 0; i < shape.ElementCount; i++)
            {
                byte[] text = new byte[random.Next(0, 200)];
                random.NextBytes(text);
                builder.Append(text);
            }

            return builder.Finish();
        }

        Tensor tensor = Tensor.Allocate(type, shape);
        random.NextBytes(tensor.Bytes);
        foreach (ref byte value in tensor.Bytes)
        {
            value = type switch
            {
                DType.Bool => (byte)(value & 1),
                DType.Int4 => (byte)((sbyte)(value << 4) >> 4),
                DType.UInt4 => (byte)(value & 15),
                DType.Int2 => (byte)((sbyte)(value << 6) >> 6),
                DType.UInt2 => (byte)(value & 3),
                _ => value,
            };
        }

        return tensor;
    }

    public static byte[] Write(Tensor tensor, bool asContent)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new WireWriter(output);
        TensorProtoWriter.Write(ref writer, tensor, asContent);
        writer.Flush();
        output.WrittenCount.ShouldBe((int)TensorProtoWriter.SizeOf(tensor, asContent));
        return output.WrittenSpan.ToArray();
    }

    public static bool AreSame(Tensor? want, Tensor? got)
    {
        if (want is null || got is null)
        {
            return want is null && got is null;
        }

        if (got.DType != want.DType || got.Shape != want.Shape)
        {
            return false;
        }

        if (want.DType != DType.String)
        {
            return want.DType is DType.Resource or DType.Variant || got.Bytes.SequenceEqual(want.Bytes);
        }

        for (long i = 0; i < want.ElementCount; i++)
        {
            if (!got.String(i).SequenceEqual(want.String(i)))
            {
                return false;
            }
        }

        return true;
    }
}
