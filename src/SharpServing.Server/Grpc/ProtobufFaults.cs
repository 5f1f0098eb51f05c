using System.Buffers;
using Google.Protobuf;

namespace SharpServing.Server.Grpc;

/// <summary>What Google.Protobuf throws for bytes that are no message.</summary>
internal static class ProtobufFaults
{
    /// <summary>Besides its own exception, version 3.25 lets an InvalidOperationException out of a cut wrapper field.</summary>
    public static bool IsMalformed(Exception exception) => exception is InvalidProtocolBufferException or InvalidOperationException;

    /// <summary>For messages that no client of ours sends: no hot path.</summary>
    public static bool Parses(MessageParser parser, in ReadOnlySequence<byte> bytes)
    {
        try
        {
            parser.ParseFrom(bytes);
            return true;
        }
        catch (Exception e) when (IsMalformed(e))
        {
            return false;
        }
    }
}
