using System.Text;
using System.Text.RegularExpressions;
using SharpServing.Server.Tests.Support;

namespace SharpServing.Server.Tests.Rest;

/// <summary>
/// What libevent 2.1.12 (Debian 12's, which the recordings were made with) makes of unusual requests. Each row was sent to a server of
/// libevent itself, which has the original's settings: it answers everything below /v1/ and sends the page 404 for the rest.
/// </summary>
public sealed partial class HttpHabitsTests : IAsyncLifetime
{
    /// <summary>Sent behind each row: no answer to it means that the connection was closed.</summary>
    private const string Next = "GET /v1/models/m HTTP/1.1\r\n\r\n";

    private TestServer _server = null!;

    /// <summary>What is sent, and the answers: <c>ok</c> is one of the API, a number an error page, the version is named unless it is 1.1.</summary>
    public static TheoryData<string, string> Rows { get; } = new()
    {
        { "POST /v1/models/m:predict HTTP/1.1\r\nTransfer-Encoding: identity\r\n\r\n13\r\n{\"instances\":[1,2]}\r\n0\r\n\r\n", "ok 400" },
        { "POST /v1/models/m:predict HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n13\r\n{\"instances\":[1,2]}\r\n0\r\n\r\n", "ok ok" },
        { "POST /v1/models/m:predict HTTP/1.1\r\nTransfer-Encoding: chunked, gzip\r\n\r\n13\r\n{\"instances\":[1,2]}\r\n0\r\n\r\n", "400" },
        { "POST /v1/models/m:predict HTTP/1.1\r\nTransfer-Encoding: chunked, chunked\r\n\r\n13\r\n{\"instances\":[1,2]}\r\n0\r\n\r\n", "400" },
        { "POST /v1/models/m:predict HTTP/1.1\r\nTransfer-Encoding: chunked;q=1\r\n\r\n13\r\n{\"instances\":[1,2]}\r\n0\r\n\r\n", "ok ok" },
        { "POST /v1/models/m:predict HTTP/1.1\r\nTransfer-Encoding: x chunked\r\n\r\n13\r\n{\"instances\":[1,2]}\r\n0\r\n\r\n", "ok 400" },
        { "POST /v1/models/m:predict HTTP/1.1\r\nTransfer-Encoding: chunked x\r\n\r\n13\r\n{\"instances\":[1,2]}\r\n0\r\n\r\n", "ok ok" },
        { "POST /v1/models/m:predict HTTP/1.1\r\nTransfer-Encoding: chunked,\r\n\r\n13\r\n{\"instances\":[1,2]}\r\n0\r\n\r\n", "400" },
        { "POST /v1/models/m:predict HTTP/1.1\r\nTransfer-Encoding: ,chunked\r\n\r\n13\r\n{\"instances\":[1,2]}\r\n0\r\n\r\n", "ok ok" },
        { "POST /v1/models/m:predict HTTP/1.1\r\nTransfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n\r\n13\r\n{\"instances\":[1,2]}\r\n0\r\n\r\n", "ok ok" },
        { "POST /v1/models/m:predict HTTP/1.1\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n13\r\n{\"instances\":[1,2]}\r\n0\r\n\r\n", "400" },
        { "POST /v1/models/m:predict HTTP/1.1\r\nTransfer-Encoding: gzip,\r\n chunked\r\n\r\n13\r\n{\"instances\":[1,2]}\r\n0\r\n\r\n", "ok ok" },
        { "POST /v1/models/m:predict HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 19\r\n\r\n13\r\n{\"instances\":[1,2]}\r\n0\r\n\r\n", "400" },
        { "HEAD /v1/models/m HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 19\r\n\r\n", "400" },
        { "FOO /v1/models/m HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 19\r\n\r\n", "400" },
        { "HEAD /v1/models/m HTTP/1.1\r\nContent-Length: x\r\n\r\n", "ok ok" },
        { "POST /v1/models/m:predict HTTP/1.1\r\nContent-Length: -0\r\n\r\n", "ok ok" },
        { "POST /v1/models/m:predict HTTP/1.1\r\nContent-Length: +19\r\n\r\n{\"instances\":[1,2]}", "ok ok" },
        { "POST /v1/models/m:predict HTTP/1.1\r\nContent-Length: \t19\r\n\r\n{\"instances\":[1,2]}", "ok ok" },
        { "POST /v1/models/m:predict HTTP/1.1\r\nContent-Length: 019\r\n\r\n{\"instances\":[1,2]}", "ok ok" },
        { "POST /v1/models/m:predict HTTP/1.1\r\nContent-Length: 19\r\r\n\r\n{\"instances\":[1,2]}", "400" },
        { "POST /v1/models/m:predict HTTP/1.1\r\nContent-Length: 0x13\r\n\r\n{\"instances\":[1,2]}", "400" },
        { "POST /v1/models/m:predict HTTP/1.1\r\nContent-Length: \r\n\r\n{\"instances\":[1,2]}", "400" },
        { "POST /v1/models/m:predict HTTP/1.1\r\nContent-Length: 19 1\r\n\r\n{\"instances\":[1,2]}", "400" },
        { "POST /v1/models/m:predict HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n+13\r\n{\"instances\":[1,2]}\r\n0\r\n\r\n", "ok ok" },
        { "POST /v1/models/m:predict HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0x13\r\n{\"instances\":[1,2]}\r\n0\r\n\r\n", "ok ok" },
        { "POST /v1/models/m:predict HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n 13\r\n{\"instances\":[1,2]}\r\n0\r\n\r\n", "ok ok" },
        { "POST /v1/models/m:predict HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n13 x\r\n{\"instances\":[1,2]}\r\n0\r\n\r\n", "ok ok" },
        { "POST /v1/models/m:predict HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n13\t\r\n{\"instances\":[1,2]}\r\n0\r\n\r\n", "413" },
        { "POST /v1/models/m:predict HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n-13\r\n{\"instances\":[1,2]}\r\n0\r\n\r\n", "413" },
        { "POST /v1/models/m:predict HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n13;\r\n{\"instances\":[1,2]}\r\n0\r\n\r\n", "413" },
        { "POST /v1/models/m:predict HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0x\r\n{\"instances\":[1,2]}\r\n0\r\n\r\n", "413" },
        { "POST /v1/models/m:predict HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n13\0z\r\n{\"instances\":[1,2]}\r\n0\r\n\r\n", "ok ok" },
        { "POST /v1/models/m:predict HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n13\r\r\n{\"instances\":[1,2]}\r\n0\r\n\r\n", "413" },
        { "POST /v1/models/m:predict HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n13\r\n{\"instances\":[1,2]}\r\n0\r\nT: 1\r\n f\r\n\r\n", "ok ok" },
        { "POST /v1/models/m:predict HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n13\r\n{\"instances\":[1,2]}\r\n0\r\nbad\r\n\r\n", "413" },
        { "POST /v1/models/m:predict HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n13\r\n{\"instances\":[1,2]}\r\n0\r\n fold\r\n\r\n", "413" },
        { "POST /v1/models/m:predict HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n13\r\n{\"instances\":[1,2]}\r\n0\r\nT\r1: 2\r\n\r\n", "413" },
        { "POST /v1/models/m:predict HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n13\r\n{\"instances\":[1,2]}\r\n0\r\n\0\r\n", "ok ok" },
        { "POST /v1/models/m:predict HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n13\r\n{\"instances\":[1,2]}\r\n0\r\nContent-Length: 9\r\n\r\n", "ok ok" },
        { "GET  HTTP/1.1\r\nHost: x\r\n\r\n", "400" },
        { "GET / HTTP/1\r\nHost: x\r\n\r\n", "400" },
        { "G / HTTP/1.1\r\nHost: x\r\n\r\n", "400" },
        { "G /v1/models/m HTTP/1.1\r\nHost: x\r\n\r\n", "501" },
        { "GET /v1/models/m HTTP/1.1   \r\nHost: x\r\n\r\n", "ok ok" },
        { "GET /v1/models/m HTTP/\t1.1\r\nHost: x\r\n\r\n", "ok ok" },
        { "GET /v1/models/m HTTP/+1.1\r\nHost: x\r\n\r\n", "ok ok" },
        { "GET /v1/models/m HTTP/1.-1\r\nHost: x\r\n\r\n", "1.-1/ok" },
        { "GET /v1/models/m HTTP/1.1\r\r\nHost: x\r\n\r\n", "400" },
        { "GET /v1/models/m HTTP/1.257\r\nHost: x\r\n\r\n", "ok ok" },
        { "GET /v1/models/m\0 HTTP/1.1\r\nHost: x\r\n\r\n", "400" },
        { "GET /v1/models/m HTTP/1.1\0z\r\nHost: x\r\n\r\n", "ok ok" },
        { "GET http:///v1/models/m HTTP/1.1\r\nHost: x\r\n\r\n", "ok" },
        { "GET http://[::1]/v1/models/m HTTP/1.1\r\nHost: x\r\n\r\n", "ok" },
        { "GET http://[zz]/v1/models/m HTTP/1.1\r\nHost: x\r\n\r\n", "400" },
        { "GET http://[v1.a]/v1/models/m HTTP/1.1\r\nHost: x\r\n\r\n", "ok" },
        { "GET http://h:99999/v1/models/m HTTP/1.1\r\nHost: x\r\n\r\n", "400" },
        { "GET http://h:/v1/models/m HTTP/1.1\r\nHost: x\r\n\r\n", "ok" },
        { "GET a:b HTTP/1.1\r\nHost: x\r\n\r\n", "404" },
        { "GET 1:b HTTP/1.1\r\nHost: x\r\n\r\n", "400" },
        { "CONNECT h:99999 HTTP/1.1\r\nHost: x\r\n\r\n", "400 400" },
        { "CONNECT h/zz HTTP/1.1\r\nHost: x\r\n\r\n", "501 ok" },
        { "GET /foo HTTP/1.0\r\nHost: x\r\n\r\n", "404" },
        { "GET /foo HTTP/0.9\r\nHost: x\r\n\r\n", "404" },
        { "FOO /v1/models/m HTTP/1.0\r\nHost: x\r\n\r\n", "501" },
        { "FOO /v1/models/{ HTTP/1.1\r\nHost: x\r\n\r\n", "501" },
        { "GET /v1/models/{ HTTP/1.0\r\nHost: x\r\n\r\n", "400" },
        { "POST /v1/models/{ HTTP/1.1\r\nExpect: x\r\nContent-Length: 19\r\n\r\n{\"instances\":[1,2]}", "417" },
        { "POST /v1/models/{ HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "413" },
        { "GET /v1/models/m HTTP/1.1\r\nA\0B: 1\r\n\r\n", "400" },
        { "GET /v1/models/m HTTP/1.1\r\n\0A: 1\r\n\r\n", "ok 400" },
        { "GET /v1/models/m HTTP/1.1\r\nA\rB: 1\r\n\r\n", "400" },
        { "GET /v1/models/m HTTP/1.1\r\nA: 1\rB\r\n\r\n", "400" },
        { "GET /v1/models/m HTTP/1.1\r\nA: 1\r B\r\n\r\n", "400" },
        { "GET /v1/models/m HTTP/1.1\r\nA: 1\r\rB\r\n\r\n", "400" },
        { "GET /v1/models/m HTTP/1.1\r\nA: 1\r\r\tB\r\n\r\n", "400" },
        { "GET /v1/models/m HTTP/1.1\r\nA: 1\r\n f\rg\r\n\r\n", "ok ok" },
        { "GET /v1/models/m HTTP/1.1\r\nA: 1\r\n f\0g\r\n\r\n", "ok ok" },
        { "GET /v1/models/m HTTP/1.1\r\nContent-Length: 0\r\r\r\n\r\n", "400" },
    };

    public async Task InitializeAsync() => _server = await TestServer.StartAsync();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task Request_Unusual_IsAnsweredAsByLibevent(string request, string expected)
    {
        (byte[] bytes, _) = await RawHttpClient.ExchangeAsync(_server.RestPort, [Encoding.Latin1.GetBytes(request + Next)], int.MaxValue, halfClose: true);
        string got = string.Join(' ', Head().Matches(Encoding.Latin1.GetString(bytes)).Select(static head =>
            (head.Groups["version"].Value == "1.1" ? "" : head.Groups["version"].Value + "/")
            + (head.Groups["headers"].Value.Contains("text/html", StringComparison.Ordinal) ? head.Groups["status"].Value : "ok")));
        got.ShouldBe(expected);
    }

    [GeneratedRegex(@"HTTP/(?<version>\S+) (?<status>\d{3}) [^\r]*\r\n(?<headers>([^\r]+\r\n)*)\r\n", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Head();
}
