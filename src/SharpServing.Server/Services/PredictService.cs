using SharpServing.Serving;

namespace SharpServing.Server.Services;

/// <summary>
/// Predict, for both front ends: finds the servable, then <see cref="PredictRunner"/> does the rest.
/// </summary>
internal sealed class PredictService
{
    private readonly IServableDirectory _directory;
    private readonly PredictRunner _runner;

    public PredictService(IServableDirectory directory, PredictRunner runner)
    {
        _directory = directory;
        _runner = runner;
    }

    /// <summary>The outputs are in <paramref name="call"/> when the status is OK.</summary>
    public ServingStatus Predict(PredictCall call, CancellationToken cancellation)
    {
        if (call.ModelName.Length == 0)
        {
            return ModelSpecFaults.NoName;
        }

        ServingStatus status = _directory.TryAcquire(call.ModelName, call.Version, call.VersionLabel, out ServableHandle handle);
        if (!status.IsOk)
        {
            return status;
        }

        using (handle)
        {
            return handle.Servable is SavedModelServable servable
                ? _runner.Run(call, servable, handle.Id.Version, cancellation)
                : ModelSpecFaults.WrongServable;
        }
    }
}
