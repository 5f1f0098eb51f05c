using SharpServing.Serving;

namespace SharpServing.Server.Startup;

/// <summary>A platform whose adapter is not linked in: a configuration that uses it is refused.</summary>
internal sealed class UnknownPlatform : ILoaderFactory
{
    public UnknownPlatform(ServingStatus status) => Availability = status;

    public ServingStatus Availability { get; }

    public ILoader Create(ServableId id, string path) => throw new InvalidOperationException(Availability.Message);
}
