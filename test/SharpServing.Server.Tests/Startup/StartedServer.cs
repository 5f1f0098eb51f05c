using System.Text;
using SharpServing.Server.Hosting;
using SharpServing.Server.Startup;
using SharpServing.Server.Tests.Support;

namespace SharpServing.Server.Tests.Startup;

/// <summary>
/// The whole server program in this process: flags, files, ports. Models are folders below <see cref="Folder"/>; what is in them comes from a
/// function of the test.
/// </summary>
internal sealed class StartedServer : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly CancellationTokenSource _stop = new();
    private readonly StringWriter _output = new();
    private readonly TaskCompletionSource<ServerHost> _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ServerHost? _host;
    private GrpcTestClient? _grpc;

    public string Folder { get; } = Directory.CreateTempSubdirectory("started-").FullName;

    public AwaitedLog Log { get; } = new();

    public Task<int> Exit { get; private set; } = null!;

    public string Output => _output.ToString();

    public int RestPort => _host!.RestPort!.Value;

    public GrpcTestClient Grpc => _grpc ??= new GrpcTestClient(_host!.GrpcPort!.Value);

    /// <summary>A version folder that looks like a SavedModel.</summary>
    public string AddVersion(string model, long version = 1)
    {
        string folder = Path.Combine(Folder, model, version.ToString(System.Globalization.CultureInfo.InvariantCulture));
        Directory.CreateDirectory(folder);
        File.WriteAllBytes(Path.Combine(folder, "saved_model.pb"), [1]);
        return folder;
    }

    /// <summary>An entry of a model config list for a model below <see cref="Folder"/>.</summary>
    public string Entry(string model, string rest = "") =>
        $"config {{ name: \"{model}\" base_path: \"{Folder}/{model}\" model_platform: \"tensorflow\" {rest} }}";

    /// <summary>Starts with a model config file; returns once both ports answer.</summary>
    public async Task StartAsync(string config, SavedModelOpener open, TimeProvider? time = null, params string[] flags)
    {
        Begin(config, open, time, flags);
        if (await Task.WhenAny(_started.Task, Exit).WaitAsync(Patience, CancellationToken.None) == Exit)
        {
            throw new InvalidOperationException($"ended with {await Exit}: {_output}");
        }

        _host = await _started.Task;
    }

    /// <summary>Starts with a model config file.</summary>
    public void Begin(string config, SavedModelOpener open, TimeProvider? time = null, params string[] flags)
    {
        string file = Path.Combine(Folder, "models.config");
        File.WriteAllText(file, $"model_config_list {{ {config} }}\n");
        Exit = ModelServer.RunAsync(
            [
                $"--port={FreePorts.Next()}", $"--rest_api_port={FreePorts.Next()}", $"--model_config_file={file}",
                "--max_num_load_retries=0", .. flags,
            ],
            new ModelServerEnvironment
            {
                Output = _output,
                Log = Log,
                OpenSavedModel = open,
                Time = time ?? TimeProvider.System,
                Started = _started.SetResult,
            },
            _stop.Token);
    }

    /// <summary>As a signal would.</summary>
    public void Stop() => _stop.Cancel();

    public Task<RawHttpAnswer> GetAsync(string target) =>
        RawHttpClient.SendAsync(RestPort, Encoding.ASCII.GetBytes($"GET {target} HTTP/1.1\r\nHost: x\r\n\r\n"));

    public Task<RawHttpAnswer> PostAsync(string target, string body) => RawHttpClient.SendAsync(
        RestPort, Encoding.ASCII.GetBytes($"POST {target} HTTP/1.1\r\nHost: x\r\nContent-Length: {body.Length}\r\n\r\n{body}"));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        if (Exit is not null)
        {
            await Exit.WaitAsync(Patience, CancellationToken.None);
        }

        _grpc?.Dispose();
        _stop.Dispose();
        await _output.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }
}
