using SharpServing.Runtime;
using SharpServing.Runtime.Registry;
using SharpServing.Runtime.Sessions;
using Tensorflow;

namespace SharpServing.Verification;

/// <summary>Golden data on our own runtime.</summary>
public sealed class RuntimeBackend : VerifyBackend
{
    private const string UnsupportedMark = "SharpServing does not support";
    private const string UnknownOpMark = "Op type not registered '";

    private readonly OpRegistry _registry;
    private readonly GraphSessionOptions _options;

    public RuntimeBackend(OpRegistry registry, GraphSessionOptions options)
    {
        _registry = registry;
        _options = options;
    }

    public override ServingStatus TryOpenGraph(GraphDef graph, bool allowSoftPlacement, out IGraphSession? session)
    {
        try
        {
            session = new GraphSession(graph, _registry, _options with { AllowSoftPlacement = allowSoftPlacement });
            return ServingStatus.Ok;
        }
        catch (StatusException exception)
        {
            session = null;
            return exception.Status;
        }
    }

    public override ServingStatus TryOpenModel(string directory, IReadOnlyCollection<string> tags, bool allowSoftPlacement, out IGraphSession? session)
    {
        try
        {
            session = SavedModelBundle.Load(directory, tags, _registry, _options with { AllowSoftPlacement = allowSoftPlacement }).Session;
            return ServingStatus.Ok;
        }
        catch (StatusException exception)
        {
            session = null;
            return exception.Status;
        }
    }

    public override bool IsUnsupported(ServingStatus status) => status.Code switch
    {
        StatusCode.Unimplemented => status.Message.StartsWith(UnsupportedMark, StringComparison.Ordinal),
        StatusCode.NotFound => status.Message.StartsWith(UnknownOpMark, StringComparison.Ordinal),
        _ => false,
    };
}
