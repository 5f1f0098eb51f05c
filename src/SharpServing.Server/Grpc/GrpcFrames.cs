using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using Google.Protobuf;
using Microsoft.AspNetCore.Http.Features;

namespace SharpServing.Server.Grpc;

/// <summary>Messages in their frames: a byte that says whether it is compressed, four of length, the message.</summary>
internal static class GrpcFrames
{
    /// <summary>Unit: bytes.</summary>
    public const int HeadBytes = 5;

    /// <summary>Takes the first message off what came so far.</summary>
    /// <param name="context">Of the call, whose headers name the compression.</param>
    /// <param name="buffer">From the head of a frame on.</param>
    /// <param name="limit">Largest message, as it is sent and inflated. Unit: bytes.</param>
    /// <param name="end">Where the frame ends; null: the rest of it is to come.</param>
    /// <param name="message">Inflated.</param>
    public static ServingStatus TryTake(
        IFeatureCollection context, in ReadOnlySequence<byte> buffer, int limit, out SequencePosition? end, out ReadOnlySequence<byte> message)
    {
        message = default;
        end = null;
        if (buffer.Length < HeadBytes)
        {
            return ServingStatus.Ok;
        }

        Span<byte> head = stackalloc byte[HeadBytes];
        buffer.Slice(0, HeadBytes).CopyTo(head);
        long length = BinaryPrimitives.ReadUInt32BigEndian(head[1..]);
        if (length > limit)
        {
            return GrpcFaults.TooLong(length, limit);
        }

        if (buffer.Length < HeadBytes + length)
        {
            return ServingStatus.Ok;
        }

        end = buffer.GetPosition(HeadBytes + length);
        if (head[0] > 1)
        {
            // A frame of an unknown kind counts as an empty message.
            return ServingStatus.Ok;
        }

        message = buffer.Slice(HeadBytes, length);
        return head[0] == 0 ? ServingStatus.Ok : Inflate(context, limit, ref message);
    }

    public static void Write(PipeWriter output, IMessage message)
    {
        Span<byte> head = output.GetSpan(HeadBytes);
        head[0] = 0;
        BinaryPrimitives.WriteUInt32BigEndian(head[1..], (uint)message.CalculateSize());
        output.Advance(HeadBytes);
        message.WriteTo(output);
    }

    /// <returns>INTERNAL for bytes that are no message.</returns>
    public static ServingStatus TryParse(MessageParser parser, in ReadOnlySequence<byte> message, out IMessage? request)
    {
        try
        {
            request = parser.ParseFrom(message);
            return ServingStatus.Ok;
        }
        catch (Exception e) when (ProtobufFaults.IsMalformed(e))
        {
            request = null;
            return GrpcFaults.Unparsable;
        }
    }

    private static ServingStatus Inflate(IFeatureCollection context, int limit, ref ReadOnlySequence<byte> message)
    {
        string encoding = context.GetRequiredFeature<IHttpRequestFeature>().Headers.GrpcEncoding.ToString();
        if (encoding is not ("gzip" or "deflate"))
        {
            // With an encoding that it does not know, the original takes the bytes as they are.
            return ServingStatus.Ok;
        }

        ReadOnlySequence<byte> compressed = message;
        return GrpcDecompressor.TryInflate(compressed, encoding == "gzip", limit, out message) ? ServingStatus.Ok : GrpcFaults.NotInflated(encoding);
    }
}
