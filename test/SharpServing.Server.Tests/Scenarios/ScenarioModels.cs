using SharpServing.Ops;
using SharpServing.Server.Startup;

namespace SharpServing.Server.Tests.Scenarios;

internal static class ScenarioModels
{
    public static SavedModelOpener Open { get; } = SavedModelOpeners.ForRegistry(static () => OpCatalog.Registry);
}
