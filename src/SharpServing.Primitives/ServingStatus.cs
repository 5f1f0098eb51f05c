namespace SharpServing;

/// <summary>
/// Outcome of an operation: a gRPC code and the text a client sees. Texts equal TensorFlow's, since clients match on them.
/// Bytes of a text that are not UTF-8 are held as <see cref="StatusText"/> describes.
/// </summary>
public readonly record struct ServingStatus(StatusCode Code, string Message)
{
    public static readonly ServingStatus Ok = new(StatusCode.Ok, "");

    public bool IsOk => Code == StatusCode.Ok;

    /// <summary><c>NOT_FOUND: text</c>, or <c>OK</c>.</summary>
    public override string ToString() => IsOk ? "OK" : $"{Code.ToName()}: {Message}";

    public static ServingStatus InvalidArgument(string message) => new(StatusCode.InvalidArgument, message);

    public static ServingStatus NotFound(string message) => new(StatusCode.NotFound, message);

    public static ServingStatus FailedPrecondition(string message) => new(StatusCode.FailedPrecondition, message);

    public static ServingStatus Internal(string message) => new(StatusCode.Internal, message);

    public static ServingStatus Unimplemented(string message) => new(StatusCode.Unimplemented, message);

    public static ServingStatus ResourceExhausted(string message) => new(StatusCode.ResourceExhausted, message);
}
