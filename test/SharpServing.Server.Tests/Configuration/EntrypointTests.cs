using System.Diagnostics;
using SharpServing.TestSupport;

namespace SharpServing.Server.Tests.Configuration;

/// <summary>The image's entry point script, with a program in the server's place that shows its arguments.</summary>
public sealed class EntrypointTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("entrypoint-").FullName;

    public EntrypointTests()
    {
        string program = Path.Combine(_folder, "tensorflow_model_server");
        File.WriteAllText(program, "#!/bin/sh\nfor a in \"$@\"; do echo \"[$a]\"; done\nexit 7\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    // tfserving.md, 1.4.
    [Fact]
    public async Task Entrypoint_Arguments_ComeLast()
    {
        (string output, int code) = await RunAsync("my model", "--model_config_file=/models/a b.config", "--port=9000");
        output.ShouldBe(
            """
            [--port=8500]
            [--rest_api_port=8501]
            [--model_name=my model]
            [--model_base_path=/models/my model]
            [--model_config_file=/models/a b.config]
            [--port=9000]

            """);
        code.ShouldBe(7, "the script ends with the server's status");
    }

    [Fact]
    public void Dockerfile_Contract_IsTheImages()
    {
        string[] lines = File.ReadAllLines(Path.Combine(SharedData.RepositoryRoot, "deploy/docker/Dockerfile"));
        foreach (string line in new[]
        {
            "ENV MODEL_BASE_PATH=/models",
            "ENV MODEL_NAME=model",
            "EXPOSE 8500",
            "EXPOSE 8501",
            "RUN mkdir -p ${MODEL_BASE_PATH}",
            "ENTRYPOINT [\"/usr/bin/tf_serving_entrypoint.sh\"]",
        })
        {
            lines.ShouldContain(line);
        }

        lines.Last(line => line.StartsWith("USER", StringComparison.Ordinal)).ShouldNotContain("root");
    }

    private async Task<(string Output, int Code)> RunAsync(string modelName, params string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(SharedData.RepositoryRoot, "deploy/docker/tf_serving_entrypoint.sh"), arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            Environment =
            {
                ["PATH"] = $"{_folder}:{Environment.GetEnvironmentVariable("PATH")}",
                ["MODEL_NAME"] = modelName,
                ["MODEL_BASE_PATH"] = "/models",
            },
        };
        using Process process = Process.Start(start)!;
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (output, process.ExitCode);
    }
}
