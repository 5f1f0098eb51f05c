using SharpServing.Protos.Inference;
using SharpServing.Server.RequestLogging;
using SharpServing.Serving;
using Tensorflow.Serving;

namespace SharpServing.Server.Services.Inference;

/// <summary>
/// Classify, Regress and MultiInference, for both front ends: finds the servable, then <see cref="InferenceRunner"/> does the rest.
/// </summary>
internal sealed class InferenceService
{
    private readonly IServableDirectory _directory;
    private readonly InferenceRunner _runner;
    private readonly RequestLogs? _logs;

    /// <param name="logs">Null: requests are not logged.</param>
    public InferenceService(IServableDirectory directory, InferenceRunner runner, RequestLogs? logs)
    {
        _directory = directory;
        _runner = runner;
        _logs = logs;
    }

    public ServingStatus Classify(ClassificationRequest request, CancellationToken cancellation, out ClassifyAnswer? response)
    {
        ServingStatus status = RunOne(ClassifyMethod.Instance, request.ModelSpec, request.Input, cancellation, out InferenceAnswer result);
        response = status.IsOk
            ? new ClassifyAnswer { ModelSpec = result.ModelSpec, Result = result.ClassificationResult }
            : null;
        if (response is not null)
        {
            _logs?.Sample(request.ModelSpec.Name)?.Add(PredictionLog.ClassifyLogFieldNumber, result.ModelSpec, request, response);
        }

        return status;
    }

    public ServingStatus Regress(RegressionRequest request, CancellationToken cancellation, out RegressionResponse? response)
    {
        ServingStatus status = RunOne(RegressMethod.Instance, request.ModelSpec, request.Input, cancellation, out InferenceAnswer result);
        response = status.IsOk ? new RegressionResponse { ModelSpec = result.ModelSpec, Result = result.RegressionResult } : null;
        if (response is not null)
        {
            _logs?.Sample(request.ModelSpec.Name)?.Add(PredictionLog.RegressLogFieldNumber, result.ModelSpec, request, response);
        }

        return status;
    }

    /// <summary>Runs every task on the same Examples; all signatures are of the model and version that the first task names.</summary>
    public ServingStatus MultiInference(MultiInferenceRequest request, CancellationToken cancellation, out MultiInferenceAnswer? response)
    {
        response = null;
        ServingStatus status = Acquire(request.Tasks.Count > 0 ? request.Tasks[0].ModelSpec : null, ModelSpecFaults.NoName, out ServableHandle handle);
        if (!status.IsOk)
        {
            return status;
        }

        using (handle)
        {
            status = _runner.Run((SavedModelServable)handle.Servable, handle.Id.Version, request, cancellation, out response);
            if (status.IsOk)
            {
                ModelSpec first = request.Tasks[0].ModelSpec;
                _logs?.Sample(first.Name)?.Add(PredictionLog.MultiInferenceLogFieldNumber, new ModelSpec { Version = handle.Id.Version, SignatureName = first.SignatureName }, request, response!);
            }

            return status;
        }
    }

    private ServingStatus Acquire(ModelSpec? spec, ServingStatus missing, out ServableHandle handle)
    {
        handle = default;
        if (spec is null)
        {
            return missing;
        }

        if (spec.Name.Length == 0)
        {
            return ModelSpecFaults.NoName;
        }

        ServingStatus status = _directory.TryAcquire(spec.Name, spec.Version, spec.HasVersionLabel ? spec.VersionLabel : null, out handle);
        if (status.IsOk && handle.Servable is not SavedModelServable)
        {
            handle.Dispose();
            return ModelSpecFaults.WrongServable;
        }

        return status;
    }

    private ServingStatus RunOne(InferenceMethod method, ModelSpec? spec, Input? input, CancellationToken cancellation, out InferenceAnswer result)
    {
        result = new InferenceAnswer();
        ServingStatus status = Acquire(spec, ModelSpecFaults.Missing, out ServableHandle handle);
        if (!status.IsOk)
        {
            return status;
        }

        using (handle)
        {
            return _runner.Run((SavedModelServable)handle.Servable, handle.Id.Version, method, spec, input, cancellation, out result);
        }
    }
}
