using System.Globalization;
using SharpServing.TestSupport;

namespace SharpServing.Clients.Tests;

/// <summary>A client that knows no message of the server and is told all of them.</summary>
public sealed class ReflectionTests : IClassFixture<ModelServerFixture>
{
    private readonly ModelServerFixture _server;

    public ReflectionTests(ModelServerFixture server) => _server = server;

    [Fact]
    public async Task Python_Reflection_TellsEnoughToCall()
    {
        (string output, string error, int code) = await ServerProcess.RunAsync(
            "/usr/bin/python3",
            Path.Combine(AppContext.BaseDirectory, "Scripts", "reflection.py"),
            _server.GrpcPort.ToString(CultureInfo.InvariantCulture),
            Path.Combine(AppContext.BaseDirectory, "serving.descriptors"));
        code.ShouldBe(0, $"{error}\nThe packages of the clients are installed by eng/test.");
        string[] lines = output.Split('\n');
        string[] services = lines[0].Split(' ');
        foreach (string service in new[] { "tensorflow.serving.PredictionService", "tensorflow.serving.ModelService", "grpc.reflection.v1alpha.ServerReflection" })
        {
            services.ShouldContain(service);
        }

        lines[1].ShouldBe("missing 5 File not found.");
        lines[2].ShouldBe("predict 2.5 3 4.5");
    }
}
