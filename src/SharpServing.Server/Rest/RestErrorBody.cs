using SharpServing.Server.Rest.Http;
using SharpServing.Server.Rest.Json;

namespace SharpServing.Server.Rest;

/// <summary>A status as an HTTP answer.</summary>
internal static class RestErrorBody
{
    /// <summary>Sets status and body: <c>{"error": "text"}</c>.</summary>
    public static void Write(HttpAnswer answer, in ServingStatus status)
    {
        answer.ClearBody();
        answer.Status = StatusOf(status.Code);
        answer.ContentType = HttpAnswer.Json;
        var writer = new JsonPrettyWriter(answer.Output);
        writer.StartObject();
        writer.WriteString("error"u8);
        writer.WriteString(StatusText.ToBytes(status.Message));
        writer.EndObject();
    }

    public static int StatusOf(StatusCode code) => code switch
    {
        StatusCode.Ok => 200,
        StatusCode.Cancelled => 499,
        StatusCode.InvalidArgument or StatusCode.FailedPrecondition or StatusCode.OutOfRange => 400,
        StatusCode.DeadlineExceeded => 504,
        StatusCode.NotFound => 404,
        StatusCode.AlreadyExists or StatusCode.Aborted => 409,
        StatusCode.PermissionDenied => 403,
        StatusCode.Unauthenticated => 401,
        StatusCode.ResourceExhausted => 429,
        StatusCode.Unimplemented => 501,
        StatusCode.Unavailable => 503,
        _ => 500,
    };
}
