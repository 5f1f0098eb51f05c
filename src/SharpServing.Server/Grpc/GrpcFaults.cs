namespace SharpServing.Server.Grpc;

/// <summary>Refusals below the services. Texts as of gRPC C++ 1.51, which the original was recorded with.</summary>
internal static class GrpcFaults
{
    public static readonly ServingStatus BadMethod = new(StatusCode.Unknown, "Bad method header");

    public static readonly ServingStatus MissingTe = new(StatusCode.Unknown, "Missing :te header");

    public static readonly ServingStatus MissingAuthority = new(StatusCode.Unknown, "Missing :authority header");

    public static readonly ServingStatus BadMetadata = new(StatusCode.Unavailable, "Failed parsing HTTP/2");

    public static readonly ServingStatus UnknownPath = ServingStatus.Unimplemented("");

    public static readonly ServingStatus Unparsable = ServingStatus.Internal("");

    public static readonly ServingStatus NoMessage = ServingStatus.Internal("Couldn't initialize byte buffer reader");

    public static readonly ServingStatus NoThread = ServingStatus.ResourceExhausted("Server Threadpool Exhausted");

    public static readonly ServingStatus DeadlineExceeded = new(StatusCode.DeadlineExceeded, "Deadline Exceeded");

    public static readonly ServingStatus Cancelled = new(StatusCode.Cancelled, "CANCELLED");

    public static ServingStatus TooLong(long length, int limit) =>
        ServingStatus.ResourceExhausted($"Received message larger than max ({length} vs. {limit})");

    public static ServingStatus AnswerTooLong(long length, int limit) =>
        ServingStatus.ResourceExhausted($"Sent message larger than max ({length} vs. {limit})");

    public static ServingStatus NotInflated(string algorithm) =>
        ServingStatus.Internal($"Unexpected error decompressing data for algorithm {algorithm}");
}
