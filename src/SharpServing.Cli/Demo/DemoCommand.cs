using SharpServing.Cli.Commands;
using SharpServing.Server.Startup;

namespace SharpServing.Cli.Demo;

/// <summary>
/// <c>sharpserving demo [FLAGS]</c>: the built-in models on 8500 and 8501 (any flag of serve changes that), a page on <c>/</c>.
/// </summary>
internal static class DemoCommand
{
    public static async Task<int> RunAsync(string[] arguments)
    {
        using DemoModels models = DemoModels.Extract();
        var page = new DemoPage();
        ModelServerEnvironment environment = ServeCommand.Environment($"{ProgramName.Own} demo") with
        {
            Log = new QuietLogSink(Console.OpenStandardError()),
            Pages = page,
            Started = host => Console.Out.Write(DemoText.ForPorts(host.GrpcPort, host.RestPort)),
        };
        return await ModelServer.RunAsync(
            ["--port=8500", "--rest_api_port=8501", $"--model_config_file={models.ConfigFile}", "--file_system_poll_wait_seconds=0", "--max_num_load_retries=0", .. arguments],
            environment,
            CancellationToken.None);
    }
}
