using SharpServing.Server.Rest.Json;
using SharpServing.Tensors;

namespace SharpServing.Server.Rest;

/// <summary>Refusals of REST bodies and answers. Source of the texts: util/json_tensor.cc and model_servers/http_rest_api_handler.cc.</summary>
internal static class RestFaults
{
    public static readonly ServingStatus BadBase64 = ServingStatus.InvalidArgument("Unable to base64 decode");

    public static readonly ServingStatus NoKey = ServingStatus.InvalidArgument("Missing 'inputs' or 'instances' key");

    public static readonly ServingStatus PlainInstances = ServingStatus.InvalidArgument(
        "instances is a plain list, but expecting list of objects as multiple input tensors required as per tensorinfo_map");

    public static readonly ServingStatus PlainInputs = ServingStatus.InvalidArgument(
        "inputs is a plain value/list, but expecting an object as multiple input tensors required as per tensorinfo_map");

    public static readonly ServingStatus NoOutputs = ServingStatus.InvalidArgument("Cannot convert empty tensor map to JSON");

    public static readonly ServingStatus TimedOut = new(StatusCode.DeadlineExceeded, "Timed out waiting for notification");

    /// <summary>Quotes the value before the text.</summary>
    public static ServingStatus Quoting(JsonValue value, string text) => ServingStatus.InvalidArgument($"JSON Value: {JsonDebugText.Of(value)} {text}");

    public static ServingStatus WrongType(JsonValue value, DType type) =>
        Quoting(value, $"Type: {value.KindName} is not of expected type: {type.ToName()}");

    public static ServingStatus NoBase64(JsonValue value) => Quoting(value, "not formatted correctly for base64 data");

    public static ServingStatus NoConversion(JsonValue value, DType type) =>
        ServingStatus.Unimplemented($"Conversion of JSON Value: {JsonDebugText.Of(value)} to type: {type.ToName()}");

    public static ServingStatus WrongLevel(JsonValue value, int level, int rank) =>
        Quoting(value, $"found at incorrect level: {level} in the JSON DOM. Expected at level: {rank}");

    public static ServingStatus UnexpectedList(int level, int rank) =>
        ServingStatus.InvalidArgument($"Encountered list at unexpected level: {level} expected < {rank}");

    public static ServingStatus UnexpectedSize(long size, int level, long expected) =>
        ServingStatus.InvalidArgument($"Encountered list at unexpected size: {size} at level: {level} expected size: {expected}");

    public static ServingStatus NoSuchSignature(string name) =>
        ServingStatus.InvalidArgument($"Serving signature name: \"{name}\" not found in signature def");

    public static ServingStatus NoInputs(string name) =>
        ServingStatus.InvalidArgument($"Failed to get input map for signature: {(name.Length == 0 ? "DEFAULT" : name)}");

    public static ServingStatus NoConversion(DType type) =>
        ServingStatus.InvalidArgument($"Failed to write JSON value for tensor type: {type.ToName()}");
}
