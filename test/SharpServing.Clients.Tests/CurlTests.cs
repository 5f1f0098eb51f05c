using System.IO.Compression;
using System.Text;
using SharpServing.TestSupport;

namespace SharpServing.Clients.Tests;

/// <summary>What curl gets over REST, with its own headers and habits.</summary>
public sealed class CurlTests : IClassFixture<ModelServerFixture>
{
    private const string Model = "/v1/models/half_plus_two";
    private const string Numbers = "{\"instances\": [1.0, 2.0, 5.0]}";
    private const string Predictions = "{\n    \"predictions\": [2.5, 3.0, 4.5\n    ]\n}";

    private readonly ModelServerFixture _server;

    public CurlTests(ModelServerFixture server) => _server = server;

    /// <summary>Path, curl's arguments, status and body.</summary>
    public static TheoryData<string, string[], string, string> Requests => new()
    {
        { Model + ":predict", ["-d", Numbers], "200", Predictions },
        { Model + "/versions/123:predict", ["-H", "Content-Type: application/json", "-d", Numbers], "200", Predictions },
        {
            Model + ":predict",
            ["--http1.0", "--data-binary", "{\"inputs\": [2.0]}"],
            "200",
            "{\n    \"outputs\": [\n        3.0\n    ]\n}"
        },
        {
            Model + ":classify",
            ["-d", "{\"signature_name\": \"classify_x_to_y\", \"examples\": [{\"x\": 2.0}]}"],
            "200",
            "{\n    \"results\": [[[\"\", 3.0]]\n    ]\n}"
        },
        { Model + ":regress", ["-d", "{\"signature_name\": \"regress_x_to_y\", \"examples\": [{\"x\": 2.0}]}"], "200", "{\n    \"results\": [3.0]\n}" },
        {
            Model,
            [],
            "200",
            "{\n \"model_version_status\": [\n  {\n   \"version\": \"123\",\n   \"state\": \"AVAILABLE\",\n   \"status\": {\n    \"error_code\": \"OK\",\n"
            + "    \"error_message\": \"\"\n   }\n  }\n ]\n}\n"
        },
        { "/v1/models/nothing:predict", ["-d", Numbers], "404", "{\n    \"error\": \"Servable not found for request: Latest(nothing)\"\n}" },
        { Model + ":predict", ["-d", "{"], "400", "{\n    \"error\": \"JSON Parse error: Missing a name for object member. at offset: 1\"\n}" },
        { Model + ":predict", ["-X", "OPTIONS", "-H", "Origin: http://a.b"], "200", "" },
        { Model + ":predict", ["-X", "OPTIONS"], "400", "" },
        { "/healthz", ["-f"], "200", "ok\n" },
        { "/readyz", ["-f"], "200", "ready\n" },
    };

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task Curl_Request_IsAnswered(string path, string[] arguments, string status, string body) =>
        (await RunAsync(path, arguments)).ShouldBe((status, body));

    [Fact]
    public async Task Curl_Metadata_NamesTheSignatures()
    {
        (string status, string body) = await RunAsync(Model + "/metadata");
        status.ShouldBe("200");
        foreach (string signature in new[] { "serving_default", "classify_x_to_y", "regress_x_to_y", "regress_x_to_y2", "regress_x2_to_y3" })
        {
            body.ShouldContain($"\"{signature}\": {{");
        }
    }

    [Fact]
    public async Task Curl_Head_HasTheHeadersOfAnError()
    {
        (string status, string headers) = await RunAsync(Model, "--head");
        status.ShouldBe("400");
        headers.ShouldContain("Content-Type: application/json\r\n");
    }

    [Fact]
    public async Task Curl_GzipBody_IsInflated()
    {
        using var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionMode.Compress, leaveOpen: true))
        {
            await gzip.WriteAsync(Encoding.UTF8.GetBytes(Numbers));
        }

        (await WithFileAsync(packed.ToArray(), file =>
            RunAsync(Model + ":predict", "-H", "Content-Encoding: gzip", "--data-binary", "@" + file))).ShouldBe(("200", Predictions));
    }

    // Above a megabyte curl says "Expect: 100-continue" and waits.
    [Fact]
    public async Task Curl_LargeBody_IsWaitedFor()
    {
        byte[] body = Encoding.ASCII.GetBytes(Numbers[..^1] + new string(' ', 3 << 20) + "}");
        (await WithFileAsync(body, file => RunAsync(Model + ":predict", "--expect100-timeout", "20", "--max-time", "15", "--data-binary", "@" + file)))
            .ShouldBe(("200", Predictions));
    }

    [Fact]
    public async Task Curl_ChunkedBody_IsRead() =>
        (await RunAsync(Model + ":predict", "-H", "Transfer-Encoding: chunked", "-d", Numbers)).ShouldBe(("200", Predictions));

    private static async Task<(string Status, string Body)> WithFileAsync(byte[] content, Func<string, Task<(string Status, string Body)>> test)
    {
        string file = Path.GetTempFileName();
        await File.WriteAllBytesAsync(file, content);
        try
        {
            return await test(file);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private async Task<(string Status, string Body)> RunAsync(string path, params string[] arguments)
    {
        (string output, string error, int code) = await ServerProcess.RunAsync(
            "curl", ["--silent", "--show-error", "--write-out", "%{http_code}", .. arguments, $"http://127.0.0.1:{_server.RestPort}{path}"]);
        code.ShouldBe(0, error);
        return (output[^3..], output[..^3]);
    }
}
