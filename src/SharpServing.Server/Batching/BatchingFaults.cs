namespace SharpServing.Server.Batching;

/// <summary>Refusals of batched runs. Source of the texts: batching/batching_session.cc and batching_util.cc.</summary>
internal static class BatchingFaults
{
    public static readonly ServingStatus NoInputs = ServingStatus.InvalidArgument("Batching Run() must have at least one input tensor");

    public static readonly ServingStatus Scalar = ServingStatus.InvalidArgument("Batching Run() input tensors must have at least one dimension");

    public static readonly ServingStatus UnequalSizes = ServingStatus.InvalidArgument("Batching Run() input tensors must have equal 0th-dimension size");

    public static readonly ServingStatus TimedOut = ServingStatus.ResourceExhausted("Run() timeout exceeded while waiting in batching queue");

    public static readonly ServingStatus ScalarOutput = ServingStatus.FailedPrecondition("Batched output tensor has 0 dimensions");

    public static readonly ServingStatus WrongOutputSize = ServingStatus.FailedPrecondition(
        "Batched output tensor's 0th dimension does not equal the sum of the 0th dimension sizes of the input tensors");

    public static readonly ServingStatus WrongRank = ServingStatus.InvalidArgument("Only tensors with rank from 1 to 6 can be padded.");

    public static readonly ServingStatus EmptyInput = ServingStatus.InvalidArgument("Got empty tensor in batch of non-empty tensors.");

    public static ServingStatus ShapesDiffer(string name) => ServingStatus.FailedPrecondition(
        $"Tensors with name '{name}' from different tasks have different shapes and padding is turned off. Set pad_variable_length_inputs to true, "
        + "or ensure that all tensors with the same name have equal dimensions starting with the first dim.");

    public static ServingStatus TypesDiffer(string first, string second) => ServingStatus.Internal(
        $"Tensor concat operation failed: INVALID_ARGUMENT: Cannot concatenate tensors that have different data types. Got {first} and {second}.");
}
