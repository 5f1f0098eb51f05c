using Google.Protobuf;

namespace SharpServing.Server.Grpc;

/// <summary>Any number of messages either way.</summary>
/// <param name="Parser">Of each request.</param>
/// <param name="Handler">
/// Reads and answers until it gives the status of the call. The token ends with the client, with the deadline, and when the server stops.
/// </param>
internal sealed record GrpcStreamMethod(MessageParser Parser, Func<GrpcStream, CancellationToken, ValueTask<ServingStatus>> Handler) : GrpcMethod(Parser);
