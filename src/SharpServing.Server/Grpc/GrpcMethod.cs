using Google.Protobuf;

namespace SharpServing.Server.Grpc;

/// <summary>A method on generated messages: <see cref="GrpcUnaryMethod"/> or <see cref="GrpcStreamMethod"/>.</summary>
/// <param name="Parser">Of the request.</param>
internal abstract record GrpcMethod(MessageParser Parser)
{
    /// <summary>Counts towards <see cref="GrpcCallLimit"/>.</summary>
    public bool IsLimited { get; init; } = true;
}
