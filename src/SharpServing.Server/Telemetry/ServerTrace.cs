using System.Diagnostics;
using SharpServing.Server.Rest;
using SharpServing.Server.Rest.Http;

namespace SharpServing.Server.Telemetry;

/// <summary>
/// A server span for each RPC and each request below /v1, with OpenTelemetry's attribute names; the parent is what the client sent as W3C
/// <c>traceparent</c>. While nobody listens it costs a branch.
/// </summary>
internal static class ServerTrace
{
    public const string SourceName = "SharpServing";

    private const string Model = "sharpserving.model.name";

    private static readonly ActivitySource Source = new(SourceName);

    public static bool IsOn => Source.HasListeners();

    /// <param name="path">As sent: <c>/package.Service/Method</c>.</param>
    /// <param name="isKnown">The server has such a method: its name is the span's. Other names are the client's to choose, and share one.</param>
    public static Activity? StartGrpc(string path, bool isKnown, string? traceParent, string? traceState)
    {
        Activity? span = Start(isKnown ? path[1..] : "_OTHER", traceParent, traceState);
        if (span is { IsAllDataRequested: true })
        {
            int slash = path.LastIndexOf('/');
            span.SetTag("rpc.system", "grpc");
            span.SetTag("rpc.service", isKnown ? path[1..slash] : "_OTHER");
            span.SetTag("rpc.method", isKnown ? path[(slash + 1)..] : "_OTHER");
        }

        return span;
    }

    /// <param name="code">Value of the trailer <c>grpc-status</c>; null: there was no answer.</param>
    public static void EndGrpc(Activity? span, string? code)
    {
        if (span is null)
        {
            return;
        }

        var status = int.TryParse(code, out int number) ? (StatusCode)number : StatusCode.Unknown;
        span.SetTag("rpc.grpc.status_code", (int)status);
        if (status is StatusCode.Unknown or StatusCode.DeadlineExceeded or StatusCode.Unimplemented or StatusCode.Internal or StatusCode.Unavailable or StatusCode.DataLoss)
        {
            span.SetTag("error.type", status.ToName());
            span.SetStatus(ActivityStatusCode.Error);
        }
    }

    public static Activity? StartRest(HttpHead head)
    {
        Activity? span = Start(head.MethodName, head.TraceParent, head.TraceState);
        if (span is { IsAllDataRequested: true })
        {
            int query = head.Path.IndexOf('?', StringComparison.Ordinal);
            span.SetTag("http.request.method", head.MethodName);
            span.SetTag("url.scheme", "http");
            span.SetTag("url.path", query < 0 ? head.Path : head.Path[..query]);
            span.SetTag("network.protocol.version", head.MinorVersion == 0 ? "1.0" : "1.1");
        }

        return span;
    }

    /// <param name="route">What the path asked for; without a model where it asked for nothing known.</param>
    public static void EndRest(Activity? span, HttpHead head, in RestRoute route, int status)
    {
        if (span is null)
        {
            return;
        }

        if (route.Model is { Length: > 0 } model)
        {
            string template = route.ToTemplate(head.Method == Rest.Http.HttpMethod.Post);
            span.DisplayName = $"{head.MethodName} {template}";
            span.SetTag("http.route", template);
            span.SetTag(Model, model);
        }

        span.SetTag("http.response.status_code", status);
        if (status >= 500)
        {
            span.SetTag("error.type", status.ToString(System.Globalization.CultureInfo.InvariantCulture));
            span.SetStatus(ActivityStatusCode.Error);
        }
    }

    /// <summary>The model that the RPC under way is for.</summary>
    public static void NoteModel(string model)
    {
        if (IsOn)
        {
            Activity.Current?.SetTag(Model, model);
        }
    }

    private static Activity? Start(string name, string? traceParent, string? traceState)
    {
        ActivityContext.TryParse(traceParent, traceState, isRemote: true, out ActivityContext parent);
        return Source.StartActivity(name, ActivityKind.Server, parent);
    }
}
