using System.Buffers;
using System.Globalization;
using Google.Protobuf;
using SharpServing.Server.Grpc;
using SharpServing.Server.Tests.Support;
using SharpServing.Tensors;
using Tensorflow;
using Tensorflow.Serving;

namespace SharpServing.Server.Tests.Grpc;

/// <summary>The hand-written codecs against Google.Protobuf's messages.</summary>
public sealed class TensorCodecTests
{
    private static readonly DType[] Types =
    [
        DType.Float, DType.Double, DType.Int32, DType.UInt8, DType.Int16, DType.Int8, DType.String, DType.Complex64, DType.Int64, DType.Bool,
        DType.QInt8, DType.QUInt8, DType.QInt32, DType.BFloat16, DType.QInt16, DType.QUInt16, DType.UInt16, DType.Complex128, DType.Half,
        DType.UInt32, DType.UInt64, DType.Float8E5M2, DType.Float8E4M3FN, DType.Int4, DType.UInt4, DType.Int2, DType.UInt2,
    ];

    public static TheoryData<string> TypeNames => [.. Types.Select(t => t.ToName())];

    /// <summary>Written and read again, a tensor is the same, as typed field and as content, whole and in pieces.</summary>
    [Theory]
    [MemberData(nameof(TypeNames))]
    public void Tensor_WrittenAndRead_IsTheSame(string name)
    {
        var random = new Random(7);
        DType type = Types.Single(t => t.ToName() == name);
        for (int i = 0; i < 40; i++)
        {
            Tensor tensor = RandomTensor(type, random);
            foreach (bool asContent in new[] { false, true })
            {
                byte[] bytes = Write(tensor, asContent);
                TensorProto.Parser.ParseFrom(bytes).Dtype.ShouldBe((DataType)(int)type);
                AssertSame(tensor, Read(new ReadOnlySequence<byte>(bytes)));
                AssertSame(tensor, Read(Segments.Split(bytes, random)));
            }

            tensor.Release();
        }
    }

    /// <summary>What the writer writes is what Google.Protobuf would: the same bytes for a message with the same fields.</summary>
    [Theory]
    [MemberData(nameof(TypeNames))]
    public void Tensor_Written_EqualsGeneratedMessage(string name)
    {
        var random = new Random(11);
        DType type = Types.Single(t => t.ToName() == name);
        for (int i = 0; i < 40; i++)
        {
            Tensor tensor = RandomTensor(type, random);
            byte[] bytes = Write(tensor, asContent: false);
            TensorProto.Parser.ParseFrom(bytes).ToByteArray().ShouldBe(bytes);
            tensor.Release();
        }
    }

    [Fact]
    public void Request_Truncated_IsRefusedWhereProtobufRefuses()
    {
        byte[] bytes = Request().ToByteArray();
        for (int length = 0; length < bytes.Length; length++)
        {
            byte[] cut = bytes[..length];
            TryRead(new ReadOnlySequence<byte>(cut)).ShouldBe(Parses(cut), length.ToString(CultureInfo.InvariantCulture));
        }
    }

    [Fact]
    public void Request_Mutated_NeverThrowsAndNeverAcceptsMoreThanProtobuf()
    {
        var random = new Random(3);
        byte[] bytes = Request().ToByteArray();
        for (int i = 0; i < 20_000; i++)
        {
            byte[] mutated = [.. bytes];
            for (int change = random.Next(1, 4); change > 0; change--)
            {
                mutated[random.Next(mutated.Length)] = (byte)random.Next(256);
            }

            bool accepted = TryRead(i % 2 == 0 ? new ReadOnlySequence<byte>(mutated) : Segments.Split(mutated, random));
            if (accepted)
            {
                Parses(mutated).ShouldBeTrue(Convert.ToHexString(mutated));
            }
        }
    }

    [Fact]
    public void Request_UnpackedValues_AreRead()
    {
        // float_val sent one by one, in two runs around the dtype, as old clients do.
        byte[] one = [5 << 3 | 5, 0, 0, 0x80, 0x3F];
        byte[] bytes = [.. one, 8, 1, 18, 4, 18, 2, 8, 3, .. one, 5 << 3 | 2, 4, 0, 0, 0, 0x40];
        Tensor tensor = Read(new ReadOnlySequence<byte>(bytes));
        tensor.Span<float>().ToArray().ShouldBe([1f, 1f, 2f]);
        tensor.Release();
    }

    private static Tensor Read(ReadOnlySequence<byte> bytes)
    {
        TensorProtoValidator.IsValid(bytes).ShouldBeTrue();
        TensorProtoReader.TryRead(bytes, long.MaxValue, out Tensor? tensor).ShouldBeTrue();
        return tensor!;
    }

    private static byte[] Write(Tensor tensor, bool asContent)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new WireWriter(output);
        TensorProtoWriter.Write(ref writer, tensor, asContent);
        writer.Flush();
        output.WrittenCount.ShouldBe((int)TensorProtoWriter.SizeOf(tensor, asContent));
        return output.WrittenSpan.ToArray();
    }

    private static void AssertSame(Tensor want, Tensor got)
    {
        got.DType.ShouldBe(want.DType);
        got.Shape.ShouldBe(want.Shape);
        if (want.DType == DType.String)
        {
            for (long i = 0; i < want.ElementCount; i++)
            {
                got.String(i).SequenceEqual(want.String(i)).ShouldBeTrue();
            }
        }
        else
        {
            got.Bytes.SequenceEqual(want.Bytes).ShouldBeTrue();
        }

        got.Release();
    }

    private static Tensor RandomTensor(DType type, Random random)
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

    private static PredictRequest Request() => new()
    {
        ModelSpec = new ModelSpec { Name = "name", Version = 300, SignatureName = "signature" },
        Inputs =
        {
            ["floats"] = new TensorProto { Dtype = DataType.DtFloat, TensorShape = new TensorShapeProto { Dim = { new TensorShapeProto.Types.Dim { Size = 3, Name = "n" } } }, FloatVal = { 1, 2, 3 } },
            ["ints"] = new TensorProto { Dtype = DataType.DtInt64, Int64Val = { 1, -2, long.MaxValue }, TensorShape = new TensorShapeProto { UnknownRank = true } },
            ["texts"] = new TensorProto { Dtype = DataType.DtString, StringVal = { ByteString.CopyFromUtf8("a"), ByteString.CopyFromUtf8("bc") } },
            ["content"] = new TensorProto { Dtype = DataType.DtUint8, TensorContent = ByteString.CopyFrom(1, 2, 3) },
            ["variant"] = new TensorProto { Dtype = DataType.DtVariant, VariantVal = { new VariantTensorDataProto { TypeName = "t", Tensors = { new TensorProto { DoubleVal = { 1 } } } } } },
        },
        OutputFilter = { "y", "z" },
    };

    private static bool TryRead(ReadOnlySequence<byte> bytes)
    {
        var call = new GrpcPredictCall(1 << 20);
        if (!call.TryRead(bytes))
        {
            return false;
        }

        for (int i = 0; i < call.InputCount; i++)
        {
            // Whether it is a tensor does not matter here; that asking does no harm does.
            if (call.TryDecodeInput(i, out Tensor? tensor))
            {
                tensor!.Release();
            }
        }

        return true;
    }

    private static bool Parses(byte[] bytes)
    {
        try
        {
            PredictRequest.Parser.ParseFrom(bytes);
            return true;
        }
        catch (Exception e) when (ProtobufFaults.IsMalformed(e))
        {
            return false;
        }
    }
}
