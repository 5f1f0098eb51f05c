using System.Buffers;
using System.Buffers.Binary;
using Google.Protobuf;
using SharpServing.Server.Grpc;
using SharpServing.Server.Services;
using SharpServing.Server.Tests.Support;
using SharpServing.Tensors;
using Tensorflow;
using Tensorflow.Serving;
using Xunit.Abstractions;

namespace SharpServing.Server.Tests.Grpc;

/// <summary>The hand-written reader and writer of Predict against Google.Protobuf, on random, cut and mutated messages.</summary>
public sealed class WirePropertyTests
{
    private const int Mutations = 100_000;

    /// <summary>Managed bytes that reading a body may take: so many for each of its bytes, and so many besides.</summary>
    private const int BytesPerByte = 48;

    private const int BytesBesides = 8 << 10;

    private readonly ITestOutputHelper _output;

    public WirePropertyTests(ITestOutputHelper output) => _output = output;

    [Fact]
    public void Request_WrittenAnyWay_IsReadAsItWasMeant()
    {
        var random = new Random(17);
        var scrambler = new WireScrambler(random);
        for (int i = 0; i < 4000; i++)
        {
            using var request = new RandomRequest(random);
            byte[] plain = request.Message.ToByteArray();
            byte[] scrambled = scrambler.Write(request.Message);
            foreach (byte[] bytes in (byte[][])[plain, scrambled])
            {
                var call = new GrpcPredictCall(long.MaxValue);
                call.TryRead(i % 2 == 0 ? new ReadOnlySequence<byte>(bytes) : Segments.Split(bytes, random)).ShouldBeTrue(Convert.ToHexString(bytes));
                HeadDifference(call, request.Message).ShouldBeNull(Convert.ToHexString(bytes));
                call.InputCount.ShouldBe(request.Tensors.Count);
                for (int input = 0; input < call.InputCount; input++)
                {
                    call.TryDecodeInput(input, out Tensor? tensor).ShouldBeTrue(Convert.ToHexString(bytes));
                    RandomTensors.AreSame(request.Tensors[call.InputAliases[input]], tensor).ShouldBeTrue(Convert.ToHexString(bytes));
                    tensor!.Release();
                }
            }
        }
    }

    [Fact]
    public void Response_Written_IsTheGeneratedMessageByteForByte()
    {
        var random = new Random(19);
        for (int i = 0; i < 3000; i++)
        {
            Tensor tensor = RandomTensors.Make(RandomTensors.Types[i % RandomTensors.Types.Length], random);
            var call = new GrpcPredictCall(long.MaxValue)
            {
                ModelName = $"model {random.Next(3)}", ServedSignature = random.Next(2) == 0 ? "" : "größe", ServedVersion = random.NextInt64(-2, 300),
            };
            string alias = new('y', random.Next(0, 200));
            bool asContent = random.Next(2) == 0;
            call.SetOutputs(new PreparedCall(null!, [alias], [0], 1), [tensor.AddRef()]);
            var want = new PredictResponse
            {
                Outputs = { [alias] = TensorProto.Parser.ParseFrom(RandomTensors.Write(tensor, asContent)) },
                ModelSpec = new ModelSpec { Name = call.ModelName, SignatureName = call.ServedSignature, Version = call.ServedVersion },
            };

            var output = new ArrayBufferWriter<byte>();
            long size = PredictResponseWriter.SizeOf(call, asContent);
            PredictResponseWriter.WriteFramed(output, call, asContent, size);

            BinaryPrimitives.ReadUInt32BigEndian(output.WrittenSpan[1..]).ShouldBe((uint)size);
            PredictResponse got = PredictResponse.Parser.ParseFrom(output.WrittenSpan[5..]);
            got.ShouldBe(want);

            // The original writes empty strings of the specification out; Google.Protobuf for C# leaves them away.
            if (alias.Length > 0 && call.ServedSignature.Length > 0)
            {
                output.WrittenSpan[5..].SequenceEqual(want.ToByteArray()).ShouldBeTrue(want.ToString());
            }

            call.Reset();
            tensor.Release();
        }
    }

    [Fact]
    public void Request_CutAnywhere_IsRefusedOrReadAsProtobufReadsIt()
    {
        var random = new Random(23);
        var scrambler = new WireScrambler(random);
        for (int i = 0; i < 40; i++)
        {
            using var request = new RandomRequest(random);
            byte[] bytes = scrambler.Write(request.Message);
            for (int length = 0; length <= Math.Min(bytes.Length, 600); length++)
            {
                Check(bytes[..length], random, out _);
            }
        }
    }

    [Fact]
    public void Request_Mutated_IsRefusedOrReadAsProtobufReadsItInBoundedMemory()
    {
        int accepted = 0;
        long most = 0;
        Parallel.For(0, Mutations / 100, block =>
        {
            var random = new Random(block);
            using var request = new RandomRequest(random);
            byte[] bytes = block % 2 == 0 ? request.Message.ToByteArray() : new WireScrambler(random).Write(request.Message);
            for (int i = 0; i < 100; i++)
            {
                Interlocked.Add(ref accepted, Check(Mutate(bytes, random), random, out long over) ? 1 : 0);
                InterlockedMax(ref most, over);
            }
        });

        _output.WriteLine($"{accepted} of {Mutations} are requests; at most {most} bytes beside {BytesPerByte} for each byte of a body");
        accepted.ShouldBeInRange(Mutations / 20, Mutations * 19 / 20);
        most.ShouldBeLessThan(BytesBesides);
    }

    /// <summary>Reads a body with both; where Google.Protobuf takes it, both have the same request.</summary>
    /// <remarks><c>over</c>: managed bytes that our reader took beside those for each byte of the body.</remarks>
    private static bool Check(byte[] bytes, Random random, out long over)
    {
        ReadOnlySequence<byte> sequence = random.Next(2) == 0 ? new ReadOnlySequence<byte>(bytes) : Segments.Split(bytes, random);
        long before = GC.GetAllocatedBytesForCurrentThread();
        var call = new GrpcPredictCall(1 << 20);
        bool isRead = call.TryRead(sequence);
        var tensors = new Tensor?[isRead ? call.InputCount : 0];
        for (int i = 0; i < tensors.Length; i++)
        {
            call.TryDecodeInput(i, out tensors[i]);
        }

        over = GC.GetAllocatedBytesForCurrentThread() - before - ((long)BytesPerByte * bytes.Length);
        PredictRequest? message = Parse(bytes);
        if (isRead)
        {
            message.ShouldNotBeNull($"only ours takes {Convert.ToHexString(bytes)}");
            // The value of an input in two parts is merged by the original and here; C#'s maps take the last part.
            if (!HasTwoValues(bytes))
            {
                Compare(call, tensors, message, bytes);
            }
        }
        else if (message is not null)
        {
            IsStricterInCpp(bytes).ShouldBeTrue($"only Google.Protobuf takes {Convert.ToHexString(bytes)}");
        }

        foreach (Tensor? tensor in tensors)
        {
            tensor?.Release();
        }

        return isRead;
    }

    private static void Compare(GrpcPredictCall call, Tensor?[] tensors, PredictRequest message, byte[] bytes)
    {
        HeadDifference(call, message).ShouldBeNull(Convert.ToHexString(bytes));
        var plain = new GrpcPredictCall(1 << 20);
        plain.TryRead(new ReadOnlySequence<byte>(message.ToByteArray())).ShouldBeTrue(Convert.ToHexString(bytes));
        plain.InputCount.ShouldBe(call.InputCount);
        for (int i = 0; i < tensors.Length; i++)
        {
            plain.TryDecodeInput(plain.InputAliases.IndexOf(call.InputAliases[i]), out Tensor? want);
            RandomTensors.AreSame(want, tensors[i]).ShouldBeTrue($"{call.InputAliases[i]} of {Convert.ToHexString(bytes)}");
            want?.Release();
        }
    }

    private static string? HeadDifference(GrpcPredictCall call, PredictRequest message)
    {
        ModelSpec spec = message.ModelSpec ?? new ModelSpec();
        string? label = spec.VersionChoiceCase == ModelSpec.VersionChoiceOneofCase.VersionLabel ? spec.VersionLabel : null;
        string got = $"{call.ModelName}|{call.SignatureName}|{call.Version}|{call.VersionLabel}|{string.Join(',', call.OutputFilter.ToArray())}";
        string want = $"{spec.Name}|{spec.SignatureName}|{spec.Version}|{label}|{string.Join(',', message.OutputFilter)}";
        return got == want && call.HasModelSpec == message.ModelSpec is not null ? null : $"{got}, not {want}";
    }

    /// <summary>The contents of a message's submessages with one number.</summary>
    private static IEnumerable<ByteString> Parts(ByteString bytes, uint number)
    {
        using CodedInputStream message = bytes.CreateCodedInput();
        while (message.ReadTag() is not 0 and var tag)
        {
            if (tag == ((number << 3) | 2))
            {
                yield return message.ReadBytes();
            }
            else
            {
                message.SkipLastField();
            }
        }
    }

    private static bool HasTwoValues(byte[] bytes) => Parts(ByteString.CopyFrom(bytes), 2).Any(entry => Parts(entry, 2).Skip(1).Any());

    /// <summary>In an input's entry or a version.</summary>
    private static bool HasOddWireType(byte[] bytes)
    {
        ByteString all = ByteString.CopyFrom(bytes);
        foreach (ByteString part in Parts(all, 2).Concat(Parts(all, 1).SelectMany(spec => Parts(spec, 2))))
        {
            using CodedInputStream message = part.CreateCodedInput();
            while (message.ReadTag() is not 0 and var tag)
            {
                if ((tag & 7) > 5)
                {
                    return true;
                }

                message.SkipLastField();
            }
        }

        return false;
    }

    /// <summary>
    /// The original's parser refuses strings that are no UTF-8, which C#'s replaces, tags that are too long, and, in maps and wrappers,
    /// wire types that there are not.
    /// </summary>
    private static bool IsStricterInCpp(byte[] bytes)
    {
        try
        {
            return HasBadText(ByteString.CopyFrom(bytes)) || HasLongNumber(bytes) || HasOddWireType(bytes);
        }
        catch (InvalidProtocolBufferException)
        {
            // A group ends that has not begun: C# looks away in maps and wrappers.
            return true;
        }
    }

    /// <summary>Names of a specification, of outputs, inputs and dimensions; also those that a later one replaces.</summary>
    private static bool HasBadText(ByteString all)
    {
        IEnumerable<ByteString> specs = Parts(all, 1);
        IEnumerable<ByteString> entries = Parts(all, 2);
        IEnumerable<ByteString> dimensions = entries.SelectMany(entry => Parts(entry, 2)).SelectMany(tensor => Parts(tensor, 2)).SelectMany(shape => Parts(shape, 2));
        return Parts(all, 3)
            .Concat(specs.SelectMany(spec => Parts(spec, 1).Concat(Parts(spec, 3)).Concat(Parts(spec, 4))))
            .Concat(entries.SelectMany(entry => Parts(entry, 1)))
            .Concat(dimensions.SelectMany(dimension => Parts(dimension, 2)))
            .Any(text => !System.Text.Unicode.Utf8.IsValid(text.Span));
    }

    /// <summary>Five bytes or more with the upper bit: a varint that does not fit 32 bits may be a tag or a length.</summary>
    private static bool HasLongNumber(byte[] bytes)
    {
        int run = 0;
        foreach (byte b in bytes)
        {
            run = b >= 0x80 ? run + 1 : 0;
            if (run >= 4)
            {
                return true;
            }
        }

        return false;
    }

    private static byte[] Mutate(byte[] bytes, Random random)
    {
        List<byte> mutated = [.. bytes];
        for (int change = random.Next(1, 4); change > 0 && mutated.Count > 0; change--)
        {
            int at = random.Next(mutated.Count);
            switch (random.Next(5))
            {
                case 0:
                    mutated.RemoveAt(at);
                    break;
                case 1:
                    mutated.Insert(at, (byte)random.Next(256));
                    break;
                case 2:
                    mutated[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 3:
                    mutated.AddRange(mutated.GetRange(at, random.Next(mutated.Count - at + 1)));
                    break;
                default:
                    mutated[at] = (byte)random.Next(256);
                    break;
            }
        }

        return [.. mutated];
    }

    private static PredictRequest? Parse(byte[] bytes)
    {
        try
        {
            return PredictRequest.Parser.ParseFrom(bytes);
        }
        catch (Exception e) when (ProtobufFaults.IsMalformed(e))
        {
            return null;
        }
    }

    private static void InterlockedMax(ref long target, long value)
    {
        long seen = Volatile.Read(ref target);
        while (value > seen)
        {
            long before = Interlocked.CompareExchange(ref target, value, seen);
            if (before == seen)
            {
                return;
            }

            seen = before;
        }
    }
}
