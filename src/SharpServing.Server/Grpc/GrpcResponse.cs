using System.Globalization;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace SharpServing.Server.Grpc;

/// <summary>Headers and trailers of an answer.</summary>
internal static class GrpcResponse
{
    private const string ContentType = "application/grpc";

    private static readonly string[] StatusNumbers = [.. Enumerable.Range(0, 17).Select(static n => n.ToString(CultureInfo.InvariantCulture))];
    private static readonly StringValues AcceptEncoding = "identity, deflate, gzip";

    /// <summary>Headers of an answer with messages, before the first of them.</summary>
    public static PipeWriter Begin(IFeatureCollection context)
    {
        IHeaderDictionary headers = context.GetRequiredFeature<IHttpResponseFeature>().Headers;
        headers.ContentType = ContentType;
        headers.GrpcAcceptEncoding = AcceptEncoding;
        return context.GetRequiredFeature<IHttpResponseBodyFeature>().Writer;
    }

    public static void Succeed(IFeatureCollection context) =>
        context.GetRequiredFeature<IHttpResponseTrailersFeature>().Trailers["grpc-status"] = StatusNumbers[0];

    /// <summary>Not under the call's deadline: an answer that is there is sent, as a flush that is cancelled would reset the stream.</summary>
    public static async ValueTask FlushAsync(IFeatureCollection context) =>
        await context.GetRequiredFeature<IHttpResponseBodyFeature>().Writer.FlushAsync(
            context.GetRequiredFeature<IHttpRequestLifetimeFeature>().RequestAborted);

    /// <summary>
    /// Headers where there are none yet, then the status as trailers. One frame with both would do, but Kestrel would add a date and a length
    /// to it, which clients then show as the call's trailing metadata.
    /// </summary>
    public static async Task EndAsync(IFeatureCollection context, ServingStatus status)
    {
        IHttpResponseFeature response = context.GetRequiredFeature<IHttpResponseFeature>();
        if (!response.HasStarted)
        {
            response.Headers.ContentType = ContentType;
            await context.GetRequiredFeature<IHttpResponseBodyFeature>().StartAsync(CancellationToken.None);
        }

        IHeaderDictionary trailers = context.GetRequiredFeature<IHttpResponseTrailersFeature>().Trailers;
        trailers["grpc-status"] = StatusNumbers[(int)status.Code];
        if (status.Message.Length > 0)
        {
            trailers["grpc-message"] = GrpcMessageText.Encode(status.Message);
        }
    }
}
