using System.Globalization;
using SharpServing.TestSupport;

namespace SharpServing.Clients.Tests;

/// <summary>What gRPC libraries of other languages get. Each call is one script run that prints one line.</summary>
public sealed class GrpcClientTests : IClassFixture<ModelServerFixture>
{
    private readonly ModelServerFixture _server;

    public GrpcClientTests(ModelServerFixture server) => _server = server;

    /// <summary>Calls and lines; the numbers are those of TensorFlow Serving's own README for this model.</summary>
    public static TheoryData<string, string> Calls => new()
    {
        { "predict", "half_plus_two 123 3: 2.5 3 4.5" },
        { "metadata", "classify_x_to_y regress_x2_to_y3 regress_x_to_y regress_x_to_y2 serving_default: tensorflow/serving/predict" },
        { "status", "123 AVAILABLE OK" },
        { "unknown", "5 Servable not found for request: Latest(nothing)" },
        { "large", "1000000 4 4" },
    };

    [Theory]
    [MemberData(nameof(Calls))]
    public Task Python_Call_IsAnswered(string call, string expected) =>
        CheckAsync(expected, "/usr/bin/python3", Script("client.py"), Port, Path.Combine(AppContext.BaseDirectory, "serving.descriptors"), call);

    [Theory]
    [MemberData(nameof(Calls))]
    public Task Node_Call_IsAnswered(string call, string expected) =>
        CheckAsync(
            expected,
            "node",
            Script("client.mjs"),
            Port,
            Path.Combine(SharedData.RepositoryRoot, "src", "SharpServing.Protos"),
            Path.Combine(SharedData.RepositoryRoot, ".tools", "node_modules"),
            call);

    private string Port => _server.GrpcPort.ToString(CultureInfo.InvariantCulture);

    private static string Script(string name) => Path.Combine(AppContext.BaseDirectory, "Scripts", name);

    private static async Task CheckAsync(string expected, string program, params string[] arguments)
    {
        (string output, string error, int code) = await ServerProcess.RunAsync(program, arguments);
        code.ShouldBe(0, $"{error}\nThe packages of the clients are installed by eng/test.");
        output.Trim().ShouldBe(expected);
    }
}
