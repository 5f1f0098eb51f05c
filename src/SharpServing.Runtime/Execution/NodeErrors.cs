using SharpServing.Runtime.Graphs;
using SharpServing.Runtime.Planning;

namespace SharpServing.Runtime.Execution;

/// <summary>
/// Adds the node to an op's error, as TensorFlow does: <c>text\n\t [[{{node NAME}}]]</c>. A call that it does not inline stands before and
/// behind that: <c>{{function_node F}} {{function_node F}} …\n\t [[CALL]]</c>.
/// </summary>
public static class NodeErrors
{
    internal static StatusException WithNode(StatusException error, PlanStep step) => WithNode(error, step.Name, step.Origin);

    public static StatusException WithNode(StatusException error, string name, NodeOrigin? origin)
    {
        if (error.Status.Code is StatusCode.Cancelled or StatusCode.DeadlineExceeded)
        {
            return error;
        }

        string text = error.Status.Message;
        if (!text.Contains("\n\t [[", StringComparison.Ordinal))
        {
            string function = origin is null || origin.Function == origin.Kept?.Function ? "" : $"{{{{function_node {origin.Function}}}}}";
            text = $"{text}\n\t [[{function}{{{{node {name}}}}}]]";
        }
        else if (origin?.Kept is null)
        {
            return error;
        }

        for (KeptCall? call = origin?.Kept; call is not null; call = call.Around)
        {
            string function = $"{{{{function_node {call.ShownAs}}}}}";
            text = $"{function} {function} {text}\n\t [[{call.Node}]]";
        }

        return new StatusException(error.Status.Code, text);
    }
}
