using System.Net.Sockets;
using SharpServing.Conformance.Tests.Grpc;
using SharpServing.Conformance.Tests.Support;
using SharpServing.Server.Tests.Support;
using SharpServing.TestSupport;
using Tensorflow.Serving;

namespace SharpServing.Conformance.Tests.Startup;

/// <summary>Section S, with the program itself.</summary>
internal static class StartupCases
{
    private const int StartFailed = 255;
    private const int Aborted = 134;
    private const string Failed = "Failed to start server. Error: ";
    private const string Running = "Running gRPC ModelServer";
    private const string Exporting = "Exporting HTTP/REST API at:localhost:";
    private const string NoModels = "INVALID_ARGUMENT: Both server_options.model_base_path and server_options.model_config_file are empty!";

    private static readonly string HalfPlusTwo = $"--model_base_path={SharedData.PathOf("models", "tfs_half_plus_two_cpu")}";

    public static IReadOnlyDictionary<string, Func<Task>> All { get; } = new Dictionary<string, Func<Task>>
    {
        ["S001"] = () => FailsAsync(NoModels),
        ["S002"] = () => FailsAsync(
            "INVALID_ARGUMENT: At least one of server_options.grpc_port or server_options.grpc_socket_path must be set.", "--port=0", HalfPlusTwo),
        ["S003"] = SocketOnlyAsync,
        ["S004"] = () => FailsAsync(
            "Either use_alts_credentials must be false or ssl_config_file must be empty.", "--use_alts_credentials", "--ssl_config_file=f", HalfPlusTwo),
        ["S005"] = () => FailsAsync(
            "server_options.batching_parameters_file is set without setting server_options.enable_batching to true.",
            "--batching_parameters_file=f",
            HalfPlusTwo),
        ["S006"] = () => FailsAsync(
            "Either configure server_options.tensorflow_session_parallelism or (server_options.tensorflow_intra_op_parallelism, "
            + "server_options.tensorflow_inter_op_parallelism) separately. You cannot configure all.",
            "--tensorflow_session_parallelism=1",
            "--tensorflow_intra_op_parallelism=1",
            "--tensorflow_inter_op_parallelism=1",
            HalfPlusTwo),
        ["S007"] = BadConfigAsync,
        ["S010"] = HelpAsync,
        ["S011"] = UnknownFlagAsync,
        ["S012"] = NoNumberAsync,
        ["S013"] = BooleansAsync,
        ["S015"] = RestPortInUseAsync,
        ["S017"] = () => FailsAsync(
            "INVALID_ARGUMENT: Expected model default to have an absolute path or URI; got base_path()=relative/dir", "--model_base_path=relative/dir"),
        ["S019"] = EmptyBaseAsync,
        ["S020"] = GoodConfigAsync,
        ["S024"] = NoGraphAsync,
        ["S025"] = () => FailsAsync(
            "NOT_FOUND: Could not find meta graph def matching supplied tags: { gpu }. To inspect available tag-sets in the SavedModel, please use the "
            + "SavedModel CLI: `saved_model_cli`",
            "--saved_model_tags=gpu",
            "--max_num_load_retries=0",
            HalfPlusTwo),
        ["S027"] = TlsCases.TlsAsync,
        ["S028"] = TlsCases.NoClientCertificateAsync,
        ["S029"] = UnreadableTlsFileAsync,
        ["S030"] = BadMonitoringAsync,
        ["S031"] = ThreadPoolFactoryAsync,
        ["S032"] = MixedPrecisionAsync,
        ["S033"] = PlatformFileAsync,
        ["S035"] = ReadyTextAsync,
    };

    public static Task<ServerProcess> ServeAsync(string awaited, params string[] flags) =>
        ServerProcess.StartAsync(ServerProcess.Program, awaited, ["serve", .. flags]);

    private static Task<(string Output, string Error, int Code)> EndsAsync(params string[] flags) =>
        ServerProcess.RunAsync(ServerProcess.Program, ["serve", $"--port={ServerProcess.FreePort()}", .. flags]);

    private static async Task FailsAsync(string text, params string[] flags)
    {
        (string output, string error, int code) = await EndsAsync(flags);
        code.ShouldBe(StartFailed, error);
        output.ShouldStartWith(Failed);
        output.ShouldContain(text, Case.Sensitive);
    }

    /// <summary>Calls with a folder that is gone afterwards.</summary>
    private static async Task WithFolderAsync(Func<string, Task> test)
    {
        string folder = Directory.CreateTempSubdirectory("conformance-start-").FullName;
        await test(folder);
        Directory.Delete(folder, recursive: true);
    }

    private static async Task PredictsAsync(GrpcTestClient client, string model, float y)
    {
        GrpcAnswer answer = await client.CallAsync(GrpcCalls.Predict, GrpcCalls.PredictX(GrpcCalls.Spec(model), 2));
        answer.Status.ShouldBe(ServingStatus.Ok);
        PredictResponse.Parser.ParseFrom(answer.Message).Outputs["y"].FloatVal.ShouldBe([y]);
    }

    private static Task SocketOnlyAsync() => WithFolderAsync(async folder =>
    {
        string path = Path.Combine(folder, "socket");
        await using ServerProcess server = await ServeAsync($"Running gRPC ModelServer at UNIX socket {path} ...", "--port=0", $"--grpc_socket_path={path}", HalfPlusTwo);
        using var client = new GrpcTestClient(path);
        await PredictsAsync(client, "default", 3);
        server.Text.ShouldNotContain("Running gRPC ModelServer at 0.0.0.0");
    });

    private static async Task BadConfigAsync()
    {
        string path = SharedData.PathOf("models", "_expected", "tensorflow_serving", "bad_model_config.txt");
        (string output, string error, int code) = await EndsAsync($"--model_config_file={path}");
        code.ShouldBe(StartFailed);
        error.ShouldContain("Error parsing text-format tensorflow.serving.ModelServerConfig");
        output.ShouldBe($"{Failed}INVALID_ARGUMENT: Invalid protobuf file: '{path}'\n");
    }

    private static async Task HelpAsync()
    {
        (string output, string _, int code) = await EndsAsync("--help");
        code.ShouldBe(StartFailed);
        output.ShouldStartWith("usage: ");
        output.ShouldContain("--rest_api_timeout_in_ms=30000");
    }

    private static async Task UnknownFlagAsync()
    {
        await using ServerProcess server = await ServeAsync(Running, $"--port={ServerProcess.FreePort()}", "--no_such_flag=1", HalfPlusTwo);
        server.Text.ShouldContain("unknown argument: --no_such_flag=1");
        server.Text.ShouldContain("usage: ");
    }

    private static async Task NoNumberAsync()
    {
        (string output, string error, int code) = await EndsAsync("--port=abc", HalfPlusTwo);
        code.ShouldBe(StartFailed);
        error.ShouldContain("Couldn't interpret value abc for flag port.");
        output.ShouldStartWith("usage: ");
    }

    // Without a model the next complaint shows that the command line was taken.
    private static async Task BooleansAsync()
    {
        foreach (string flag in new[] { "--enable_batching", "--enable_batching=true", "--enable_batching=TRUE", "--enable_batching=1", "--enable_batching=false", "--enable_batching=0" })
        {
            await FailsAsync(NoModels, flag);
        }

        (string output, string error, int code) = await EndsAsync("--enable_batching=yes", HalfPlusTwo);
        code.ShouldBe(StartFailed);
        output.ShouldStartWith("usage: ");
        error.ShouldContain("enable_batching");
    }

    private static async Task RestPortInUseAsync()
    {
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new System.Net.IPEndPoint(System.Net.IPAddress.Any, 0));
        taken.Listen();
        int port = ((System.Net.IPEndPoint)taken.LocalEndPoint!).Port;
        int grpcPort = ServerProcess.FreePort();
        await using ServerProcess server = await ServeAsync($"Failed to start HTTP Server at localhost:{port}", $"--port={grpcPort}", $"--rest_api_port={port}", HalfPlusTwo);
        using var client = new GrpcTestClient(grpcPort);
        await PredictsAsync(client, "default", 3);
    }

    private static Task EmptyBaseAsync() => WithFolderAsync(async folder =>
    {
        string warning = $"No versions of servable default found under base path {folder}. Did you forget to name your leaf directory as a number (eg. '/1/')?";
        await using ServerProcess server = await ServeAsync(warning, $"--port={ServerProcess.FreePort()}", $"--model_base_path={folder}");
        await ConformanceServer.UntilAsync(() => Task.FromResult(server.Text.Split(warning).Length > 2), "a second warning");
        server.Text.ShouldNotContain(Running);
    });

    private static async Task GoodConfigAsync()
    {
        string config = await File.ReadAllTextAsync(SharedData.PathOf("models", "_expected", "tensorflow_serving", "good_model_config.txt"));
        config = config.Replace("${TEST_HALF_PLUS_TWO_DIR}", SharedData.PathOf("models", "tfs_half_plus_two_cpu"), StringComparison.Ordinal)
            .Replace("${TEST_HALF_PLUS_THREE_DIR}", SharedData.PathOf("models", "tfs_half_plus_three"), StringComparison.Ordinal);
        await using ConformanceServer server = await ConformanceServer.StartAsync(config, []);
        foreach ((string model, float y) in new[] { ("half_plus_two", 3f), ("half_plus_three", 4f) })
        {
            PredictRequest request = GrpcCalls.PredictX(GrpcCalls.Spec(model), 2);
            await GrpcCalls.GivesAsync(server, request, y);
            request.OutputFilter.Add("y");
            await GrpcCalls.GivesAsync(server, request, y);
        }
    }

    private static Task NoGraphAsync() => WithFolderAsync(folder =>
    {
        Directory.CreateDirectory(Path.Combine(folder, "1"));
        return FailsAsync(
            "NOT_FOUND: Specified file path does not appear to contain a SavedModel bundle (should have a file called `saved_model.pb`)\n"
            + $"Specified file path: {folder}/1",
            "--max_num_load_retries=0",
            $"--model_base_path={folder}");
    });

    private static async Task UnreadableTlsFileAsync()
    {
        (string _, string error, int code) = await EndsAsync("--ssl_config_file=/no/such/file", HalfPlusTwo);
        code.ShouldBe(Aborted, error);
    }

    // confirmed.md, D3: gRPC serves, REST never opens.
    private static Task BadMonitoringAsync() => WithFolderAsync(async folder =>
    {
        string file = Path.Combine(folder, "monitoring");
        await File.WriteAllTextAsync(file, "foo: 1");
        (int grpcPort, int restPort) = (ServerProcess.FreePort(), ServerProcess.FreePort());
        await using ServerProcess server = await ServeAsync(
            "Error parsing text-format tensorflow.serving.MonitoringConfig",
            $"--port={grpcPort}",
            $"--rest_api_port={restPort}",
            $"--monitoring_config_file={file}",
            HalfPlusTwo);
        using var client = new GrpcTestClient(grpcPort);
        await PredictsAsync(client, "default", 3);
        using var socket = new TcpClient();
        await Should.ThrowAsync<SocketException>(socket.ConnectAsync("127.0.0.1", restPort));
        server.Text.ShouldNotContain(Failed);
    });

    private static Task ThreadPoolFactoryAsync() => WithFolderAsync(async folder =>
    {
        string file = Path.Combine(folder, "pool");
        await File.WriteAllTextAsync(file, "thread_pool_factory_config { type_url: \"type.googleapis.com/tensorflow.serving.BatchingParameters\" }");
        await FailsAsync(
            "INVALID_ARGUMENT: Couldn't find factory for config proto message type tensorflow.serving.BatchingParameters",
            $"--thread_pool_factory_config_file={file}",
            HalfPlusTwo);
    });

    private static async Task MixedPrecisionAsync()
    {
        await using ServerProcess server = await ServeAsync(Running, $"--port={ServerProcess.FreePort()}", "--mixed_precision=foo", HalfPlusTwo);
        server.Text.ShouldContain("foo auto mixed precision is not supported. Valid option: bfloat16");
    }

    private static Task PlatformFileAsync() => WithFolderAsync(async folder =>
    {
        await File.WriteAllTextAsync(Path.Combine(folder, "batching"), "max_batch_size { value: 3 }");
        await File.WriteAllTextAsync(
            Path.Combine(folder, "platforms"),
            "platform_configs { key: \"tensorflow\" value { source_adapter_config { "
            + "[type.googleapis.com/tensorflow.serving.SavedModelBundleSourceAdapterConfig] { legacy_config { } } } } }");
        await using ConformanceServer server = await ConformanceServer.StartDefaultAsync(
            $"--platform_config_file={folder}/platforms", "--enable_batching", $"--batching_parameters_file={folder}/batching");
        await GrpcCalls.GivesAsync(server, GrpcCalls.PredictX(GrpcCalls.Spec("default"), 0, 2, 4, 6), 2, 3, 4, 5);
    });

    private static async Task ReadyTextAsync()
    {
        int port = ServerProcess.FreePort();
        await using ServerProcess server = await ServeAsync($"{Exporting}{port}", $"--port={ServerProcess.FreePort()}", $"--rest_api_port={port}", HalfPlusTwo);
        server.Text.ShouldContain("Exporting HTTP/REST API");
        RawHttpAnswer answer = await RawHttpClient.SendAsync(port, "GET /v1/models/default HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray());
        answer.Status.ShouldBe(200);
    }
}
