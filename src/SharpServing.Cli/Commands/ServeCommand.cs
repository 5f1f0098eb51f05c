using SharpServing.Ops;
using SharpServing.Server.Logging;
using SharpServing.Server.Startup;
using SharpServing.Tensors;

namespace SharpServing.Cli.Commands;

/// <summary><c>sharpserving serve</c>, and the whole program under the name <c>tensorflow_model_server</c>.</summary>
internal static class ServeCommand
{
    public static Task<int> RunAsync(string program, string[] arguments)
    {
        NativeArenas.Limit();
        return ModelServer.RunAsync(arguments, Environment(program), CancellationToken.None);
    }

    public static ModelServerEnvironment Environment(string program) => new()
    {
        ProgramName = program,
        ShowOwnFlags = program != ProgramName.ModelServer,
        Output = Console.Out,
        Log = new StderrLogSink(
            Console.OpenStandardError(),
            StderrLogSink.ParseLevel(System.Environment.GetEnvironmentVariable("TF_CPP_MIN_LOG_LEVEL")),
            TimeProvider.System),
        OpenSavedModel = SavedModelOpeners.ForRegistry(static () => OpCatalog.Registry),
        Transport = System.Environment.GetEnvironmentVariable(ModelServerEnvironment.TransportVariable),
        Version = $"{VersionCommand.Version}-sharpserving",
    };
}
