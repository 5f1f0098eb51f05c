using System.Diagnostics;
using SharpServing.Protos.Inference;
using SharpServing.Server.Monitoring;
using SharpServing.Serving;
using SharpServing.Tensors;
using Tensorflow.Serving;

namespace SharpServing.Server.Services.Inference;

/// <summary>
/// Classify, Regress and MultiInference on one servable, for requests and warm-up. Steps: (1) signatures, (2) Examples, (3) run, (4) answer.
/// The first failure is the answer; texts and order as the original's. Thread-safe.
/// </summary>
internal sealed class InferenceRunner
{
    private readonly bool _checkMethodNames;
    private readonly ServingMetrics _metrics;

    public InferenceRunner(bool checkMethodNames, ServingMetrics metrics)
    {
        _checkMethodNames = checkMethodNames;
        _metrics = metrics;
    }

    /// <summary>MultiInference on a servable that the caller holds.</summary>
    public ServingStatus Run(
        SavedModelServable servable, long version, MultiInferenceRequest request, CancellationToken cancellation, out MultiInferenceAnswer? response)
    {
        response = null;
        ServingStatus status = TryPlan(servable, request, out List<PlannedInference> plan);
        if (!status.IsOk)
        {
            return status;
        }

        long started = Stopwatch.GetTimestamp();
        string model = request.Tasks.Count > 0 ? request.Tasks[0].ModelSpec.Name : "";
        status = RunAll(servable, plan, request.Input, new ServableId(model, version), cancellation, out long examples, out response);
        if (status.IsOk)
        {
            _metrics.CountGraphRun(Stopwatch.GetElapsedTime(started));
            _metrics.CountExamples(model, examples);
        }

        return status;
    }

    /// <summary>Classify or Regress on a servable that the caller holds.</summary>
    /// <param name="spec">Null or without a signature: the default one.</param>
    public ServingStatus Run(
        SavedModelServable servable, long version, InferenceMethod method, ModelSpec? spec, Input? input, CancellationToken cancellation, out InferenceAnswer result)
    {
        result = new InferenceAnswer();
        string name = NameOf(spec);
        if (!servable.TryGetSignature(name, out SignatureModel? signature))
        {
            return ServingStatus.InvalidArgument($"No signature was found with the name: {name}");
        }

        ServingStatus status = method.Check(signature, _checkMethodNames, out string[] outputs);
        if (!status.IsOk)
        {
            return status;
        }

        long started = Stopwatch.GetTimestamp();
        string model = spec?.Name ?? "";
        status = RunAll(
            servable, [new PlannedInference(method, signature, outputs)], input, new ServableId(model, version), cancellation, out _, out MultiInferenceAnswer? response);
        if (status.IsOk)
        {
            _metrics.CountRun(model, method.Api, Stopwatch.GetElapsedTime(started));
            result = response!.Results[0];
        }

        return status;
    }

    private static string NameOf(ModelSpec? spec) => spec is { SignatureName.Length: > 0 } ? spec.SignatureName : SavedModelServable.DefaultSignature;

    private static ServingStatus RunAll(
        SavedModelServable servable,
        List<PlannedInference> plan,
        Input? input,
        ServableId id,
        CancellationToken cancellation,
        out long examples,
        out MultiInferenceAnswer? response)
    {
        response = null;
        examples = 0;
        ServingStatus status = ExampleTensor.TryMake(input, out Tensor? tensor);
        if (!status.IsOk)
        {
            return status;
        }

        try
        {
            examples = tensor!.Shape[0];
            status = InferenceRun.TryPrepare(servable.Session, plan, out InferenceRun? run);
            return status.IsOk ? run!.Run(tensor, id, cancellation, out response) : status;
        }
        finally
        {
            tensor!.Release();
        }
    }

    private ServingStatus TryPlan(SavedModelServable servable, MultiInferenceRequest request, out List<PlannedInference> plan)
    {
        plan = [];
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (InferenceTask task in request.Tasks)
        {
            if (task.ModelSpec is not { Name.Length: > 0 } spec)
            {
                return ServingStatus.InvalidArgument("Found ModelSpec with an empty model name.");
            }

            if (spec.Name != request.Tasks[0].ModelSpec.Name)
            {
                return ServingStatus.InvalidArgument("All ModelSpecs in a MultiInferenceRequest must access the same model name.");
            }

            string name = NameOf(spec);
            if (!names.Add(name))
            {
                return ServingStatus.InvalidArgument($"Duplicate evaluation of signature: {name}");
            }

            if (!servable.TryGetSignature(name, out SignatureModel? signature))
            {
                return ServingStatus.InvalidArgument($"Requested signature not found in model graph: {name}");
            }

            if (InferenceMethod.Find(task.MethodName) is not { } method)
            {
                return ServingStatus.Unimplemented($"Unsupported signature method_name: {task.MethodName}");
            }

            ServingStatus status = method.Check(signature, _checkMethodNames, out string[] outputs);
            if (!status.IsOk)
            {
                return status;
            }

            plan.Add(new PlannedInference(method, signature, outputs));
        }

        return ServingStatus.Ok;
    }
}
