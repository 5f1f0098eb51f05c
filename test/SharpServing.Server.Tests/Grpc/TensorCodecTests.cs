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
    public static TheoryData<string> TypeNames => [.. RandomTensors.Types.Select(t => t.ToName())];

    /// <summary>Written and read again, a tensor is the same, as typed field and as content, whole and in pieces.</summary>
    [Theory]
    [MemberData(nameof(TypeNames))]
    public void Tensor_WrittenAndRead_IsTheSame(string name)
    {
        var random = new Random(7);
        DType type = RandomTensors.Types.Single(t => t.ToName() == name);
        for (int i = 0; i < 40; i++)
        {
            Tensor tensor = RandomTensors.Make(type, random);
            foreach (bool asContent in new[] { false, true })
            {
                byte[] bytes = RandomTensors.Write(tensor, asContent);
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
        DType type = RandomTensors.Types.Single(t => t.ToName() == name);
        for (int i = 0; i < 40; i++)
        {
            Tensor tensor = RandomTensors.Make(type, random);
            byte[] bytes = RandomTensors.Write(tensor, asContent: false);
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

    private static void AssertSame(Tensor want, Tensor got)
    {
        RandomTensors.AreSame(want, got).ShouldBeTrue($"{got.DType} {got.Shape}, not {want.DType} {want.Shape}, or other values");
        got.Release();
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
