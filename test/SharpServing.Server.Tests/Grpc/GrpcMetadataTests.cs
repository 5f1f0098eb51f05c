using SharpServing.Server.Grpc;
using SharpServing.Server.Tests.Support;

namespace SharpServing.Server.Tests.Grpc;

public sealed class GrpcMetadataTests
{
    private const string Status = "/tensorflow.serving.ModelService/GetModelStatus";

    [Theory]
    [InlineData("", true)]
    [InlineData("AAE=", true)]
    [InlineData("AAE", true)]
    [InlineData("AA==", true)]
    [InlineData("AA", true)]
    [InlineData("+/+/", true)]
    [InlineData("A", false)]
    [InlineData("AAAAA", false)]
    [InlineData("AB", false)]
    [InlineData("AAB", false)]
    [InlineData("****", false)]
    [InlineData("AA-_", false)]
    [InlineData("AA A", false)]
    public void IsBase64_Text_AsGrpcTakesIt(string text, bool valid) => GrpcMetadata.IsBase64(text).ShouldBe(valid);

    [Theory]
    [InlineData("x-bin", "***", StatusCode.Unavailable)]
    [InlineData("X-Trace-BIN", "***", StatusCode.Unavailable)]
    [InlineData("x-bin", "AAE=", StatusCode.Ok)]
    [InlineData("x", "***", StatusCode.Ok)]
    public async Task Call_BinaryMetadata_MustBeBase64(string name, string value, StatusCode expected)
    {
        await using TestServer server = await TestServer.StartAsync();
        var request = new Tensorflow.Serving.GetModelStatusRequest { ModelSpec = new Tensorflow.Serving.ModelSpec { Name = "default" } };
        (await server.Grpc.CallAsync(Status, request, (name, value))).Status.Code.ShouldBe(expected);
    }
}
