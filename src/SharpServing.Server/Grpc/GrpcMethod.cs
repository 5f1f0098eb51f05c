using Google.Protobuf;

namespace SharpServing.Server.Grpc;

/// <summary>A unary method on generated messages.</summary>
/// <param name="Parser">Of the request.</param>
/// <param name="Handler">Gives a status and, when it is OK, the answer.</param>
internal sealed record GrpcMethod(MessageParser Parser, Func<IMessage, CancellationToken, ValueTask<(ServingStatus Status, IMessage? Response)>> Handler);
