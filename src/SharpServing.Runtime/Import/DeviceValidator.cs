using System.Globalization;
using SharpServing.Runtime.Attributes;
using Tensorflow;

namespace SharpServing.Runtime.Import;

/// <summary>
/// Nodes that ask for a device which is not there: this runtime has one, <c>/job:localhost/replica:0/task:0/device:CPU:0</c>. Refused when the graph
/// is loaded, unless soft placement is allowed and the job is ours.
/// </summary>
internal static class DeviceValidator
{
    private const string Available = "/job:localhost/replica:0/task:0/device:CPU:0";

    /// <param name="id">The number of the node in TensorFlow's graph.</param>
    /// <exception cref="StatusException">INVALID_ARGUMENT: the node's device does not parse.</exception>
    public static void CheckForm(NodeDef node, int id)
    {
        if (node.Device.Length > 0 && Parse(node.Device) is null)
        {
            throw StatusException.InvalidArgument(
                $"Malformed device specification '{node.Device}' in node: {{name:'{node.Name}' id:{id} op device:{{requested: '{node.Device}', assigned: ''}} " +
                $"def:{{{AttributeSummary.Of(node)}}}}}\n\t [[{node.Name}]]");
        }
    }

    /// <exception cref="StatusException">INVALID_ARGUMENT: the node's device is not there.</exception>
    public static void CheckAvailable(NodeDef node, bool allowSoftPlacement)
    {
        if (node.Device.Length == 0 || Parse(node.Device) is not { } device)
        {
            return;
        }

        bool isOurJob = device.Job is null or "localhost" && device.Replica is null or 0 && device.Task is null or 0;
        bool isOurDevice = device.Type is null || (device.Type == "CPU" && device.Id is null or 0);
        if (isOurJob && (isOurDevice || allowSoftPlacement))
        {
            return;
        }

        string gpu = device.Type == "GPU" ? " The requested device appears to be a GPU, but CUDA is not enabled." : "";
        throw StatusException.InvalidArgument(
            $"Cannot assign a device for operation {node.Name}: {{{{node {node.Name}}}}} was explicitly assigned to {Canonical(device)} but available devices are [ {Available} ]. " +
            $"Make sure the device specification refers to a valid device.{gpu}\n\t [[{node.Name}]]");
    }

    private static Device? Parse(string text)
    {
        var device = new Device();
        foreach (string part in text.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] pieces = part.Split(':');
            int number = -1;
            bool hasNumber = pieces.Length > 1 && (pieces[^1] == "*" || int.TryParse(pieces[^1], NumberStyles.None, CultureInfo.InvariantCulture, out number));
            switch (pieces[0])
            {
                case "job" when pieces.Length == 2:
                    device = device with { Job = pieces[1] == "*" ? null : pieces[1] };
                    break;
                case "replica" when hasNumber && pieces.Length == 2:
                    device = device with { Replica = number < 0 ? null : number };
                    break;
                case "task" when hasNumber && pieces.Length == 2:
                    device = device with { Task = number < 0 ? null : number };
                    break;
                case "device" when pieces.Length == 3 && hasNumber:
                    device = device with { Type = pieces[1] == "*" ? null : pieces[1].ToUpperInvariant(), Id = number < 0 ? null : number };
                    break;
                case "device" when pieces.Length == 2 && !hasNumber:
                    device = device with { Type = pieces[1].ToUpperInvariant() };
                    break;
                case "cpu" or "gpu" or "CPU" or "GPU" when pieces.Length == 2 && hasNumber:
                    device = device with { Type = pieces[0].ToUpperInvariant(), Id = number < 0 ? null : number };
                    break;
                default:
                    return null;
            }
        }

        return text.StartsWith('/') ? device : null;
    }

    private static string Canonical(Device device) =>
        string.Concat(
            device.Job is null ? "" : $"/job:{device.Job}",
            device.Replica is { } replica ? string.Create(CultureInfo.InvariantCulture, $"/replica:{replica}") : "",
            device.Task is { } task ? string.Create(CultureInfo.InvariantCulture, $"/task:{task}") : "",
            device.Type is null ? "" : $"/device:{device.Type}:{(device.Id is { } id ? id.ToString(CultureInfo.InvariantCulture) : "*")}");

    private sealed record Device
    {
        public string? Job { get; init; }

        public int? Replica { get; init; }

        public int? Task { get; init; }

        public string? Type { get; init; }

        public int? Id { get; init; }
    }
}
