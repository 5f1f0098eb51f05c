using Google.Protobuf;

namespace SharpServing.Server.Grpc;

/// <summary>One message, one answer.</summary>
/// <param name="Parser">Of the request.</param>
/// <param name="Handler">Gives a status and, when it is OK, the answer.</param>
internal sealed record GrpcUnaryMethod(MessageParser Parser, Func<IMessage, CancellationToken, ValueTask<(ServingStatus Status, IMessage? Response)>> Handler)
    : GrpcMethod(Parser);
