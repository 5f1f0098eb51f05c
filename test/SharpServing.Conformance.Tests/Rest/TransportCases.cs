using System.Net;
using System.Text;
using SharpServing.Conformance.Tests.Support;
using SharpServing.Server.Tests.Support;

namespace SharpServing.Conformance.Tests.Rest;

/// <summary>Rows of section B that are told in words.</summary>
internal static class TransportCases
{
    private const string Predict = "/v1/models/default:predict";
    private const string Body = "{\"instances\":[1.0]}";
    private const string Answer = "{\n    \"predictions\": [2.5\n    ]\n}";
    private const string NotImplemented = "<HTML><HEAD>\n<TITLE>501 Not Implemented</TITLE>\n</HEAD><BODY>\n<H1>Not Implemented</H1>\n</BODY></HTML>\n";
    private const string BadRequest = "<HTML><HEAD>\n<TITLE>400 Bad Request</TITLE>\n</HEAD><BODY>\n<H1>Bad Request</H1>\n</BODY></HTML>\n";

    public static IReadOnlyDictionary<string, Func<ConformanceServer, Task>> All { get; } = new Dictionary<string, Func<ConformanceServer, Task>>
    {
        ["B016"] = server => IsStatusAsync(server, "/V1/MODELS/default"),
        ["B018"] = server => IsStatusAsync(server, "/v1/models/default/METADATA"),
        ["B025"] = server => IsStatusAsync(server, "/v1/models/def%61ult"),
        ["B033"] = server => OptionsAsync(server, 200, "Origin: http://a.b"),
        ["B034"] = server => OptionsAsync(server, 400),
        ["B035"] = server => OptionsAsync(server, 400, "Origin: null"),
        ["B036"] = CorsAsync,
        ["B038"] = AnyContentTypeAsync,
        ["B041"] = AcceptEncodingAsync,
        ["B044"] = async server => await IsErrorAsync(
            server, "POST", "/v1/models/nosuch:predict", "{", 400, "JSON Parse error: Missing a name for object member. at offset: 1"),
        ["B049"] = server => IsStatusAsync(server, "/v1/models/default/labels/nope"),
        ["B054"] = KeepAliveAsync,
        ["B055"] = server => PageAsync(server, "GET /v1/models/a%zz HTTP/1.1\r\nHost: x\r\n\r\n", 400, BadRequest),
        ["B056"] = UnknownMethodsAsync,
        ["B057"] = ChunkedAsync,
        ["B058"] = LargeBodyAsync,
        ["B059"] = async server => await IsErrorAsync(
            server,
            "GET",
            "/v1/models/modelname%21%23%24%25%26%27%28%29%2A%2B%2C%2F%3A%3B%3D%3F%40%5B%5D",
            "",
            404,
            "Could not find any versions of model modelname!#$%&'()*+,/:;=?@[]"),
        ["B062"] = GzipInNameAsync,
    };

    public static async Task IsStatusAsync(ConformanceServer server, string target)
    {
        RawHttpAnswer answer = await server.RestAsync("GET", target);
        answer.Status.ShouldBe(200, answer.Text);
        answer.Headers["content-type"].ShouldBe("application/json");
        answer.Text.ShouldBe(MetadataCases.Status);
    }

    public static async Task IsErrorAsync(ConformanceServer server, string method, string target, string body, int status, string error)
    {
        RawHttpAnswer answer = await server.RestAsync(method, target, body);
        answer.Status.ShouldBe(status, answer.Text);
        answer.Text.ShouldBe(Refusal.Body(error));
    }

    private static async Task IsPredictionAsync(Task<RawHttpAnswer> call)
    {
        RawHttpAnswer answer = await call;
        answer.Status.ShouldBe(200, answer.Text);
        answer.Text.ShouldBe(Answer);
    }

    private static async Task OptionsAsync(ConformanceServer server, int status, params string[] headers)
    {
        RawHttpAnswer answer = await server.RestAsync("OPTIONS", Predict, "", headers);
        answer.Status.ShouldBe(status);
        answer.Body.ShouldBeEmpty();
        answer.Headers["content-type"].ShouldBe("text/html; charset=ISO-8859-1");
        answer.Headers.Keys.ShouldNotContain("access-control-allow-origin");
    }

    private static async Task CorsAsync(ConformanceServer _)
    {
        await using ConformanceServer server = await ConformanceServer.StartDefaultAsync("--rest_api_enable_cors_support=true");
        (Task<RawHttpAnswer> Call, int Status)[] calls =
        [
            (server.RestAsync("POST", Predict, Body), 200),
            (server.RestAsync("GET", "/v1/models/default"), 200),
            (server.RestAsync("GET", "/v1/foo"), 400),
            (server.RestAsync("OPTIONS", Predict, "", "Origin: http://a.b"), 200),
            (server.RestAsync("OPTIONS", Predict), 400),
        ];
        foreach ((Task<RawHttpAnswer> call, int status) in calls)
        {
            RawHttpAnswer answer = await call;
            answer.Status.ShouldBe(status);
            answer.Headers["access-control-allow-origin"].ShouldBe("*");
            answer.Headers["access-control-allow-methods"].ShouldBe("POST, GET");
            answer.Headers["access-control-allow-headers"].ShouldBe("Content-Type");
        }
    }

    private static async Task AnyContentTypeAsync(ConformanceServer server)
    {
        await IsPredictionAsync(server.RestAsync("POST", Predict, Body, "Content-Type: text/plain"));
        await IsPredictionAsync(server.RestAsync("POST", Predict, Body));
    }

    private static async Task AcceptEncodingAsync(ConformanceServer server)
    {
        RawHttpAnswer answer = await server.RestAsync("POST", Predict, Body, "Accept-Encoding: gzip");
        answer.Text.ShouldBe(Answer);
        answer.Headers.Keys.ShouldNotContain("content-encoding");
    }

    private static async Task KeepAliveAsync(ConformanceServer server)
    {
        string get = $"GET /v1/models/default HTTP/1.1\r\nHost: x\r\n\r\n";
        (byte[] bytes, bool closed) = await RawHttpClient.ExchangeAsync(
            server.RestPort, [Encoding.ASCII.GetBytes(get), Encoding.ASCII.GetBytes(get)], 2 * MetadataCases.Status.Length, halfClose: false);
        Encoding.UTF8.GetString(bytes).Split("HTTP/1.1 200 OK").Length.ShouldBe(3, "two answers on one connection");
        closed.ShouldBeFalse();
        (_, closed) = await RawHttpClient.ExchangeAsync(
            server.RestPort, [Encoding.ASCII.GetBytes("GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n")], int.MaxValue, halfClose: false);
        closed.ShouldBeTrue("the page of an unknown path ends its connection");
    }

    private static async Task PageAsync(ConformanceServer server, string request, int status, string page)
    {
        RawHttpAnswer answer = await RawHttpClient.SendAsync(server.RestPort, Encoding.ASCII.GetBytes(request));
        answer.Status.ShouldBe(status);
        answer.Headers["content-type"].ShouldBe("text/html");
        answer.Text.ShouldBe(page);
    }

    private static async Task UnknownMethodsAsync(ConformanceServer server)
    {
        foreach (string method in new[] { "TRACE", "FOO" })
        {
            await PageAsync(server, $"{method} /v1/models/default HTTP/1.1\r\nHost: x\r\n\r\n", 501, NotImplemented);
        }

        RawHttpAnswer connect = await RawHttpClient.SendAsync(
            server.RestPort, "CONNECT /v1/models/default HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray(), isHead: true);
        connect.Status.ShouldBe((int)HttpStatusCode.NotImplemented);
    }

    private static async Task ChunkedAsync(ConformanceServer server)
    {
        string request = $"POST {Predict} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{Body[..5]}\r\n{Body.Length - 5:x}\r\n{Body[5..]}\r\n0\r\n\r\n";
        await IsPredictionAsync(RawHttpClient.SendAsync(server.RestPort, Encoding.ASCII.GetBytes(request)));
    }

    private static async Task LargeBodyAsync(ConformanceServer server)
    {
        const int Size = 30 << 20;
        byte[] body = new byte[Size];
        body.AsSpan().Fill((byte)' ');
        Encoding.ASCII.GetBytes(Body[..^1]).CopyTo(body, 0);
        body[^1] = (byte)'}';
        await IsPredictionAsync(server.RestAsync("POST", Predict, body));
    }

    private static Task GzipInNameAsync(ConformanceServer server) => Task.Run(async () =>
    {
        RawHttpAnswer answer = await server.RestAsync("POST", Predict, "abcde", "Content-Encoding: my_gzip");
        answer.Status.ShouldBe(400);
        answer.Text.ShouldBe(Refusal.Body("JSON Parse error: The document is empty"));
    });
}
