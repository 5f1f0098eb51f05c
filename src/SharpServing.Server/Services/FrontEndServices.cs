using SharpServing.Server.Hosting;
using SharpServing.Serving;

namespace SharpServing.Server.Services;

/// <summary>What both front ends share: the options and one service object per RPC.</summary>
internal sealed class FrontEndServices
{
    public FrontEndServices(ServerHostOptions options, IServableDirectory directory, IModelConfigReloader? reloader)
    {
        Options = options;
        Directory = directory;
        Reloader = reloader;
    }

    public ServerHostOptions Options { get; }

    public IServableDirectory Directory { get; }

    /// <summary>Null: the model configuration cannot be changed.</summary>
    public IModelConfigReloader? Reloader { get; }
}
