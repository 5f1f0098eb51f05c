using System.Net.Http.Headers;
using System.Text;
using SharpServing.Server.Hosting;
using SharpServing.Server.Tests.Support;

namespace SharpServing.Server.Tests.Rest;

public sealed class RestPredictTests : IAsyncLifetime
{
    private TestServer _server = null!;

    public async Task InitializeAsync() => _server = await TestServer.StartAsync();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    // Bodies and answers of the conformance cases C and E.
    [Theory]
    [InlineData("{\"instances\": [1.0, 2, 5]}", "{\n    \"predictions\": [2.5, 3.0, 4.5\n    ]\n}")]
    [InlineData("{\"instances\": [[1, 2], [3, 4]]}", "{\n    \"predictions\": [[2.5, 3.0], [3.5, 4.0]\n    ]\n}")]
    [InlineData("{\"inputs\": [[1, 2], [3, 4]]}", "{\n    \"outputs\": [\n        [\n            2.5,\n            3.0\n        ],\n        [\n            3.5,\n            4.0\n        ]\n    ]\n}")]
    [InlineData("{\"inputs\": 2.0}", "{\n    \"outputs\": 3.0\n}")]
    [InlineData("{\"instances\": [{\"x\": 1}, {\"x\": NaN}]}", "{\n    \"predictions\": [2.5, NaN\n    ]\n}")]
    [InlineData("{\"instances\": [[], []]}", "{\n    \"predictions\": [[], []\n    ]\n}")]
    public async Task Predict_GoodBody_Answers(string body, string answer)
    {
        RawHttpAnswer got = await PostAsync("half_plus_two", body);
        got.Status.ShouldBe(200);
        got.Text.ShouldBe(answer);
        got.Headers["content-type"].ShouldBe("application/json");
    }

    [Theory]
    [InlineData("", "JSON Parse error: The document is empty")]
    [InlineData("{\"instances\": [1.0,]}", "JSON Parse error: Invalid value. at offset: 19")]
    [InlineData("[1, 2]", "JSON Value: [1, 2] Is not object")]
    [InlineData("{\"instances\": [[1], [2, 3]]}", "Failed to process element: 1 of 'instances' list. Error: INVALID_ARGUMENT: Expecting tensor size: 1 but got: 2")]
    [InlineData("{\"inputs\": {}}", "Missing named input: x in 'inputs' object.")]
    public async Task Predict_BadBody_GivesTheOriginalsText(string body, string error)
    {
        RawHttpAnswer got = await PostAsync("half_plus_two", body);
        got.Status.ShouldBe(400);
        got.Text.ShouldBe($"{{\n    \"error\": \"{error}\"\n}}");
    }

    [Fact]
    public async Task Predict_RunBeyondTimeout_Gives504()
    {
        await using TestServer server = await TestServer.StartAsync(o => o with { RestTimeout = TimeSpan.FromMilliseconds(50) });
        RawHttpAnswer got = await PostAsync(server, "echo", "{\"signature_name\": \"wait\", \"inputs\": 1}");
        got.Status.ShouldBe(504);
        got.Text.ShouldContain("Timed out waiting for notification");
    }

    [Fact]
    public async Task Predict_BodyBeyondLimit_Gives413AndCloses()
    {
        await using TestServer server = await TestServer.StartAsync(o => o with { Limits = new ServerLimits { MaxRestBodyBytes = 10 } });
        RawHttpAnswer got = await PostAsync(server, "half_plus_two", "{\"instances\": [1.0, 2.0]}");
        got.Status.ShouldBe(413);
        got.Headers["connection"].ShouldBe("close");
    }

    [Fact]
    public async Task Predict_LargeBody_IsReadInPieces()
    {
        float[] values = [.. Enumerable.Range(0, 200_000).Select(i => i / 7f)];
        using var client = new HttpClient();
        using var content = new StringContent($"{{\"instances\": [[{string.Join(',', values)}]]}}", Encoding.UTF8);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        HttpResponseMessage response = await client.PostAsync(new Uri(_server.RestAddress, "/v1/models/half_plus_two:predict"), content);
        string text = await response.Content.ReadAsStringAsync();
        text.Split(',').Length.ShouldBe(values.Length);
        text.ShouldStartWith("{\n    \"predictions\": [[2.0, ");
    }

    [Fact]
    public async Task StatusAndMetadata_Answer()
    {
        using var client = new HttpClient();
        (await client.GetStringAsync(new Uri(_server.RestAddress, "/v1/models/half_plus_two/versions/123"))).ShouldBe(
            "{\n \"model_version_status\": [\n  {\n   \"version\": \"123\",\n   \"state\": \"AVAILABLE\",\n   \"status\": {\n    \"error_code\": \"OK\",\n    \"error_message\": \"\"\n   }\n  }\n ]\n}\n");
        (await client.GetStringAsync(new Uri(_server.RestAddress, "/v1/models/half_plus_two/metadata"))).ShouldStartWith(
            "{\n\"model_spec\":{\n \"name\": \"half_plus_two\",\n \"version\": \"124\",\n \"signature_name\": \"\"\n}\n,\n\"metadata\": {\"signature_def\": {\n \"signature_def\": {\n  \"serving_default\": {\n   \"inputs\": {\n    \"x\": {\n");
    }

    private static Task<RawHttpAnswer> PostAsync(TestServer server, string model, string body)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(body);
        return RawHttpClient.SendAsync(
            server.RestPort, [.. Encoding.ASCII.GetBytes($"POST /v1/models/{model}:predict HTTP/1.1\r\nHost: x\r\nContent-Length: {bytes.Length}\r\n\r\n"), .. bytes]);
    }

    private Task<RawHttpAnswer> PostAsync(string model, string body) => PostAsync(_server, model, body);
}
