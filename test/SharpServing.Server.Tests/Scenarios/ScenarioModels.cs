using SharpServing.Ops;
using SharpServing.Server.Startup;

namespace SharpServing.Server.Tests.Scenarios;

internal static class ScenarioModels
{
    /// <summary>The one op that the recorded scenarios need and that is not there yet.</summary>
    public const string MissingOp = "ParseExample";

    public static SavedModelOpener Open { get; } = SavedModelOpeners.ForRegistry(static () => OpCatalog.Registry);
}
