using SharpServing.Runtime.Planning;

namespace SharpServing.Runtime.Execution;

/// <summary>Adds the node to an op's error, as TensorFlow does: <c>text\n\t [[{{node NAME}}]]</c>.</summary>
internal static class NodeErrors
{
    public static StatusException WithNode(StatusException error, PlanStep step) =>
        WithNode(error, step.Name, step.FunctionName);

    public static StatusException WithNode(StatusException error, string name, string? functionName)
    {
        if (error.Status.Code is StatusCode.Cancelled or StatusCode.DeadlineExceeded || error.Status.Message.Contains("\n\t [[", StringComparison.Ordinal))
        {
            return error;
        }

        string function = functionName is null ? "" : $"{{{{function_node {functionName}}}}}";
        return new StatusException(error.Status.Code, $"{error.Status.Message}\n\t [[{function}{{{{node {name}}}}}]]");
    }
}
