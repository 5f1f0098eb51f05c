using SharpServing.Protos.Inference;
using SharpServing.Serving;
using SharpServing.Tensors;
using Tensorflow.Serving;

namespace SharpServing.Server.Services.Inference;

/// <summary>
/// Classify, Regress and MultiInference, for both front ends. Steps: (1) servable, (2) signatures, (3) Examples, (4) run, (5) answer. The first
/// failure is the answer; texts and order as the original's.
/// </summary>
internal sealed class InferenceService
{
    private readonly IServableDirectory _directory;
    private readonly bool _checkMethodNames;

    public InferenceService(IServableDirectory directory, bool checkMethodNames)
    {
        _directory = directory;
        _checkMethodNames = checkMethodNames;
    }

    public ServingStatus Classify(ClassificationRequest request, CancellationToken cancellation, out ClassifyAnswer? response)
    {
        ServingStatus status = RunOne(ClassifyMethod.Instance, request.ModelSpec, request.Input, cancellation, out InferenceAnswer result);
        response = status.IsOk
            ? new ClassifyAnswer { ModelSpec = result.ModelSpec, Result = result.ClassificationResult }
            : null;
        return status;
    }

    public ServingStatus Regress(RegressionRequest request, CancellationToken cancellation, out RegressionResponse? response)
    {
        ServingStatus status = RunOne(RegressMethod.Instance, request.ModelSpec, request.Input, cancellation, out InferenceAnswer result);
        response = status.IsOk ? new RegressionResponse { ModelSpec = result.ModelSpec, Result = result.RegressionResult } : null;
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
            status = TryPlan((SavedModelServable)handle.Servable, request, out List<PlannedInference> plan);
            return status.IsOk ? RunAll(plan, request.Input, handle.Id, cancellation, out response) : status;
        }
    }

    private static string NameOf(ModelSpec spec) => spec.SignatureName.Length > 0 ? spec.SignatureName : SavedModelServable.DefaultSignature;

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

    private ServingStatus RunOne(
        InferenceMethod method, ModelSpec? spec, Input? input, CancellationToken cancellation, out InferenceAnswer result)
    {
        result = new InferenceAnswer();
        ServingStatus status = Acquire(spec, ModelSpecFaults.Missing, out ServableHandle handle);
        if (!status.IsOk)
        {
            return status;
        }

        using (handle)
        {
            string name = NameOf(spec!);
            if (!((SavedModelServable)handle.Servable).TryGetSignature(name, out SignatureModel? signature))
            {
                return ServingStatus.InvalidArgument($"No signature was found with the name: {name}");
            }

            status = method.Check(signature, _checkMethodNames, out string[] outputs);
            if (!status.IsOk)
            {
                return status;
            }

            status = RunAll([new PlannedInference(method, signature, outputs)], input, handle.Id, cancellation, out MultiInferenceAnswer? response);
            result = status.IsOk ? response!.Results[0] : result;
            return status;
        }
    }

    private static ServingStatus RunAll(
        List<PlannedInference> plan, Input? input, ServableId id, CancellationToken cancellation, out MultiInferenceAnswer? response)
    {
        response = null;
        ServingStatus status = ExampleTensor.TryMake(input, out Tensor? examples);
        if (!status.IsOk)
        {
            return status;
        }

        var made = new MultiInferenceAnswer();
        try
        {
            foreach (PlannedInference task in plan)
            {
                if (!status.IsOk)
                {
                    return status;
                }

                var result = new InferenceAnswer
                {
                    ModelSpec = new ModelSpec { Name = id.Name, Version = id.Version, SignatureName = task.Signature.Name },
                };
                status = CountFeeds(task.Run(examples!, result, cancellation), task, plan);
                made.Results.Add(result);
            }
        }
        finally
        {
            examples!.Release();
        }

        response = status.IsOk ? made : null;
        return status;
    }

    /// <summary>The original feeds all tasks in one run, sorted by name: a feed of the wrong dtype is counted among all of them.</summary>
    private static ServingStatus CountFeeds(ServingStatus status, PlannedInference task, List<PlannedInference> plan)
    {
        const string First = "Expects arg[0] to be ";
        if (status.IsOk || plan.Count == 1 || !status.Message.StartsWith(First, StringComparison.Ordinal))
        {
            return status;
        }

        var before = new HashSet<string>(StringComparer.Ordinal);
        foreach (PlannedInference other in plan)
        {
            if (string.CompareOrdinal(other.Feed, task.Feed) < 0)
            {
                before.Add(other.Feed);
            }
        }

        return new ServingStatus(status.Code, $"Expects arg[{before.Count}] to be {status.Message[First.Length..]}");
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
