namespace SharpServing;

/// <summary>
/// Carries a <see cref="ServingStatus"/> out of deep code (kernels, readers). Caught once, at the boundary that returns statuses.
/// </summary>
public sealed class StatusException : Exception
{
    public StatusException(ServingStatus status)
        : base(status.ToString()) => Status = status;

    public StatusException(StatusCode code, string message)
        : this(new ServingStatus(code, message))
    {
    }

    public ServingStatus Status { get; }

    public static StatusException InvalidArgument(string message) => new(StatusCode.InvalidArgument, message);

    public static StatusException NotFound(string message) => new(StatusCode.NotFound, message);

    public static StatusException FailedPrecondition(string message) => new(StatusCode.FailedPrecondition, message);

    public static StatusException OutOfRange(string message) => new(StatusCode.OutOfRange, message);

    public static StatusException Internal(string message) => new(StatusCode.Internal, message);

    public static StatusException Unimplemented(string message) => new(StatusCode.Unimplemented, message);

    public static StatusException ResourceExhausted(string message) => new(StatusCode.ResourceExhausted, message);

    public static StatusException DataLoss(string message) => new(StatusCode.DataLoss, message);
}
