using SharpServing.TestSupport;

namespace SharpServing.Cli.Tests;

public class CommandTests
{
    [Fact]
    public async Task Help_List_NamesTheCommands()
    {
        (string output, _, int code) = await ServerProcess.RunAsync(ServerProcess.Program, "help");
        code.ShouldBe(0);
        foreach (string command in new[] { "serve", "demo", "version" })
        {
            output.ShouldContain($"  {command} ");
        }
    }

    [Fact]
    public async Task UnknownCommand_Error_NamesIt()
    {
        (_, string error, int code) = await ServerProcess.RunAsync(ServerProcess.Program, "sevre");
        code.ShouldBe(2);
        error.ShouldContain("there is no command 'sevre'");
    }

    // By a symbolic link, as in the image, and by a hard link, as in the release.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ModelServerName_Flags_AreTheOriginals(bool symbolic)
    {
        string folder = Path.GetDirectoryName(ServerProcess.Program)!;
        string name = Path.Combine(folder, symbolic ? "tensorflow_model_server" : $"{Guid.NewGuid():N}/tensorflow_model_server");
        Directory.CreateDirectory(Path.GetDirectoryName(name)!);
        File.Delete(name);
        if (symbolic)
        {
            File.CreateSymbolicLink(name, Path.GetFullPath(ServerProcess.Program));
        }
        else
        {
            // The development build finds its libraries beside itself; the release is one file.
            foreach (string file in Directory.EnumerateFiles(folder, "*"))
            {
                if (Path.GetFileName(file) != "tensorflow_model_server")
                {
                    File.CreateSymbolicLink(Path.Combine(Path.GetDirectoryName(name)!, Path.GetFileName(file)), Path.GetFullPath(file));
                }
            }

            File.Copy(ServerProcess.Program, name);
        }

        (string output, _, int code) = await ServerProcess.RunAsync(name, "--version");
        output.ShouldStartWith("TensorFlow ModelServer: ");
        code.ShouldBe(0);
        (output, string error, code) = await ServerProcess.RunAsync(name, "--port=abc");
        output.ShouldStartWith("usage: tensorflow_model_server\nFlags:\n\t--port=8500                      \tint32\t");
        error.ShouldContain("] Couldn't interpret value abc for flag port.");
        code.ShouldBe(255);
        if (symbolic)
        {
            File.Delete(name);
        }
        else
        {
            Directory.Delete(Path.GetDirectoryName(name)!, recursive: true);
        }
    }

    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    public async Task Serve_Signal_EndsWithZero(string signal)
    {
        string config = Path.GetTempFileName();
        await File.WriteAllTextAsync(config, "# no models\n");
        await using ServerProcess server = await ServerProcess.StartAsync(
            ServerProcess.Program,
            "Exporting HTTP/REST API at:localhost:",
            "serve",
            $"--port={ServerProcess.FreePort()}",
            $"--rest_api_port={ServerProcess.FreePort()}",
            $"--model_config_file={config}");
        (await server.StopAsync(signal)).ShouldBe(0, server.Text);
        File.Delete(config);
    }

    [Fact]
    public async Task Serve_SecondSignal_EndsTheGracePeriod()
    {
        string config = Path.GetTempFileName();
        await File.WriteAllTextAsync(config, "# no models\n");
        int port = ServerProcess.FreePort();
        await using ServerProcess server = await ServerProcess.StartAsync(
            ServerProcess.Program,
            "Exporting HTTP/REST API at:localhost:",
            "serve",
            $"--port={ServerProcess.FreePort()}",
            $"--rest_api_port={port}",
            $"--model_config_file={config}",
            "--shutdown_grace_period_seconds=600");
        await server.SignalAsync("TERM");
        using var client = new HttpClient();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        System.Net.HttpStatusCode status;
        do
        {
            using HttpResponseMessage answer = await client.GetAsync(new Uri($"http://127.0.0.1:{port}/readyz"), limit.Token);
            status = answer.StatusCode;
        }
        while (status == System.Net.HttpStatusCode.OK);
        status.ShouldBe(System.Net.HttpStatusCode.ServiceUnavailable);
        (await server.StopAsync("TERM")).ShouldBe(0, server.Text);
        server.Text.ShouldContain("SIGTERM again: stopping at once.");
        File.Delete(config);
    }

    [Fact]
    public async Task Serve_Help_ListsOwnFlagsBehindTheOriginals()
    {
        (string output, _, int code) = await ServerProcess.RunAsync(ServerProcess.Program, "serve", "--help");
        output.ShouldStartWith("usage: sharpserving serve\nFlags:\n\t--port=8500 ");
        output.ShouldContain("\n\nFlags that tensorflow_model_server does not have:\n\t--shutdown_grace_period_seconds=0");
        code.ShouldBe(255, "the original's exit status of --help");
    }

    [Theory]
    [InlineData("sockets", "] Connections use Kestrel's socket transport (SHARPSERVING_TRANSPORT=sockets).")]
    [InlineData("carrier_pigeon", "] SHARPSERVING_TRANSPORT=carrier_pigeon is not known and has no effect; it may be \"sockets\".")]
    public async Task Serve_TransportVariable_IsToldInTheLog(string value, string line)
    {
        string config = Path.GetTempFileName();
        await File.WriteAllTextAsync(config, "# no models\n");
        int port = ServerProcess.FreePort();
        await using ServerProcess server = await ServerProcess.StartAsync(
            "/usr/bin/env",
            "Exporting HTTP/REST API at:localhost:",
            $"SHARPSERVING_TRANSPORT={value}",
            ServerProcess.Program,
            "serve",
            $"--port={ServerProcess.FreePort()}",
            $"--rest_api_port={port}",
            $"--model_config_file={config}");
        server.Text.ShouldContain(line);
        using var client = new HttpClient();
        using HttpResponseMessage answer = await client.GetAsync(new Uri($"http://127.0.0.1:{port}/v1/models/none"));
        answer.StatusCode.ShouldBe(System.Net.HttpStatusCode.NotFound);
        File.Delete(config);
    }
}
