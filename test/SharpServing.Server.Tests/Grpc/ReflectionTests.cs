using Google.Protobuf;
using Google.Protobuf.Reflection;
using Grpc.Reflection.V1;
using SharpServing.Server.Tests.Support;

namespace SharpServing.Server.Tests.Grpc;

public sealed class ReflectionTests : IAsyncLifetime
{
    private const string V1 = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
    private const string V1Alpha = "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo";

    private TestServer _server = null!;

    public async Task InitializeAsync() => _server = await TestServer.StartAsync(static options => options with { HealthService = true });

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Theory]
    [InlineData(V1)]
    [InlineData(V1Alpha)]
    public async Task ListServices_All_AreDescribed(string method)
    {
        using RawHttp2Client client = await OpenAsync(method);
        ServerReflectionResponse list = await AskAsync(client, new ServerReflectionRequest { Host = "h", ListServices = "*" });
        list.ValidHost.ShouldBe("h");
        list.OriginalRequest.ListServices.ShouldBe("*");
        string[] services = [.. list.ListServicesResponse.Service.Select(static service => service.Name)];
        services.ShouldBe(
            [
                "tensorflow.serving.PredictionService", "tensorflow.serving.ModelService", "grpc.health.v1.Health",
                "grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection",
            ],
            ignoreOrder: true);

        // The same stream answers question after question.
        foreach (string service in services)
        {
            ServerReflectionResponse files = await AskAsync(client, new ServerReflectionRequest { FileContainingSymbol = service });
            Build(files.FileDescriptorResponse).SelectMany(static file => file.Services).Select(static one => one.FullName).ShouldContain(service);
        }
    }

    [Theory]
    [InlineData("tensorflow.serving.PredictionService.Predict", "tensorflow_serving/apis/prediction_service.proto")]
    [InlineData("tensorflow.TensorProto", "tensorflow/core/framework/tensor.proto")]
    [InlineData("tensorflow.TensorProto.dtype", "tensorflow/core/framework/tensor.proto")]
    [InlineData("tensorflow.TensorShapeProto.Dim", "tensorflow/core/framework/tensor_shape.proto")]
    [InlineData("tensorflow.DataType", "tensorflow/core/framework/types.proto")]
    [InlineData("tensorflow.DT_FLOAT", "tensorflow/core/framework/types.proto")]
    [InlineData("tensorflow.serving.ModelSpec.version_choice", "tensorflow_serving/apis/model.proto")]
    [InlineData("google.protobuf.Any", "google/protobuf/any.proto")]
    public async Task FileContainingSymbol_Known_IsItsFileWithImports(string symbol, string file)
    {
        using RawHttp2Client client = await OpenAsync(V1);
        FileDescriptorResponse bySymbol = (await AskAsync(client, new ServerReflectionRequest { FileContainingSymbol = symbol })).FileDescriptorResponse;
        FileDescriptorProto.Parser.ParseFrom(bySymbol.FileDescriptorProto[0]).Name.ShouldBe(file);
        Build(bySymbol).Count.ShouldBe(bySymbol.FileDescriptorProto.Count);
        (await AskAsync(client, new ServerReflectionRequest { FileByFilename = file })).FileDescriptorResponse.ShouldBe(bySymbol);
    }

    [Fact]
    public async Task Questions_WithoutAnswer_AreErrorsInTheAnswer()
    {
        using RawHttp2Client client = await OpenAsync(V1);
        async Task<string> ErrorAsync(ServerReflectionRequest request)
        {
            ErrorResponse error = (await AskAsync(client, request)).ErrorResponse;
            return $"{error.ErrorCode} {error.ErrorMessage}";
        }

        (await ErrorAsync(new ServerReflectionRequest { FileContainingSymbol = "no.Such" })).ShouldBe("5 Symbol not found.");
        (await ErrorAsync(new ServerReflectionRequest { FileByFilename = "no.proto" })).ShouldBe("5 File not found.");
        (await ErrorAsync(Extension("tensorflow.TensorProto"))).ShouldBe("5 Extension not found.");
        (await ErrorAsync(Extension("no.Such"))).ShouldBe("5 Type not found.");
        (await ErrorAsync(new ServerReflectionRequest { AllExtensionNumbersOfType = "no.Such" })).ShouldBe("5 Type not found.");
        (await ErrorAsync(new ServerReflectionRequest())).ShouldBe("12 ");
        (await AskAsync(client, new ServerReflectionRequest { AllExtensionNumbersOfType = "tensorflow.TensorProto" }))
            .AllExtensionNumbersResponse.ShouldBe(new ExtensionNumberResponse { BaseTypeName = "tensorflow.TensorProto" });
    }

    [Fact]
    public async Task Stream_EndOfQuestions_EndsWithOk()
    {
        using RawHttp2Client client = await OpenAsync(V1);
        await client.SendDataAsync(GrpcTestClient.Frame(new ServerReflectionRequest { ListServices = "" }.ToByteArray()), endStream: false);
        await client.SendDataAsync([], endStream: true);
        RawHttp2Answer answer = await client.ReadAsync();
        answer.Data.Count.ShouldBeGreaterThan(0);
        answer.Find("grpc-status").ShouldBe("0");
    }

    [Theory]
    [InlineData("", "0")]
    [InlineData("00000000", "13")]
    [InlineData("0000000003FFFFFF", "13")]
    public async Task Stream_NoOrBrokenMessages_EndsWithStatus(string bytes, string status)
    {
        using RawHttp2Client client = await OpenAsync(V1);
        await client.SendDataAsync(Convert.FromHexString(bytes), endStream: true);
        (await client.ReadAsync()).Find("grpc-status").ShouldBe(status);
    }

    private static ServerReflectionRequest Extension(string type) =>
        new() { FileContainingExtension = new ExtensionRequest { ContainingType = type, ExtensionNumber = 100 } };

    private static IReadOnlyList<FileDescriptor> Build(FileDescriptorResponse response)
    {
        // Imports come first there.
        var left = response.FileDescriptorProto.ToDictionary(static bytes => FileDescriptorProto.Parser.ParseFrom(bytes).Name);
        var ordered = new List<ByteString>();
        void Add(string name)
        {
            if (left.Remove(name, out ByteString? bytes))
            {
                foreach (string import in FileDescriptorProto.Parser.ParseFrom(bytes).Dependency)
                {
                    Add(import);
                }

                ordered.Add(bytes);
            }
        }

        foreach (string name in left.Keys.ToArray())
        {
            Add(name);
        }

        return FileDescriptor.BuildFromByteStrings(ordered);
    }

    private async Task<RawHttp2Client> OpenAsync(string method)
    {
        RawHttp2Client client = await RawHttp2Client.ConnectAsync(_server.GrpcPort);
        await client.SendHeadersAsync(RawHttp2Client.HeadersOf(method), endStream: false);
        return client;
    }

    private static async Task<ServerReflectionResponse> AskAsync(RawHttp2Client client, ServerReflectionRequest request)
    {
        await client.SendDataAsync(GrpcTestClient.Frame(request.ToByteArray()), endStream: false);
        return ServerReflectionResponse.Parser.ParseFrom((await client.ReadMessageAsync()).ShouldNotBeNull());
    }
}
