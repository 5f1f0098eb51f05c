using System.Buffers;
using System.Diagnostics;
using SharpServing.Server.Monitoring;
using SharpServing.Tensors;

namespace SharpServing.Server.Services;

/// <summary>
/// Predict on one servable, for requests and warm-up. Steps: (1) signature, (2) number of inputs, (3) inputs, by name, else their defaults,
/// (4) outputs, (5) run, (6) answer. The first failure is the answer; texts and order as the original's. Thread-safe.
/// </summary>
internal sealed class PredictRunner
{
    private readonly bool _checkMethodNames;
    private readonly ServingMetrics _metrics;

    public PredictRunner(bool checkMethodNames, ServingMetrics metrics)
    {
        _checkMethodNames = checkMethodNames;
        _metrics = metrics;
    }

    /// <summary>All steps, on a servable that the caller holds.</summary>
    public ServingStatus Run(PredictCall call, SavedModelServable servable, long version, CancellationToken cancellation)
    {
        string name = call.SignatureName.Length > 0 ? call.SignatureName : SavedModelServable.DefaultSignature;
        if (!servable.TryGetSignature(name, out SignatureModel? signature))
        {
            return ServingStatus.FailedPrecondition($"Serving signature key \"{name}\" not found.");
        }

        if (_checkMethodNames && !MethodNames.IsPredictable(signature.Definition.MethodName))
        {
            return MethodNames.NotPredictable(signature.Definition.MethodName);
        }

        int inputs = signature.Inputs.Length;
        if (call.InputCount > inputs || (call.InputCount < inputs && signature.Definition.Defaults.Count == 0))
        {
            return PredictFaults.InputCount(call, signature);
        }

        Tensor?[] tensors = ArrayPool<Tensor?>.Shared.Rent(inputs);
        Span<Tensor?> byInput = tensors.AsSpan(0, inputs);
        byInput.Clear();
        try
        {
            ServingStatus status = TryDecodeInputs(call, signature, byInput);
            if (!status.IsOk)
            {
                return status;
            }

            status = signature.TryPrepare(call.OutputFilter, out PreparedCall? prepared);
            return status.IsOk ? Execute(call, signature, prepared!, version, byInput, cancellation) : status;
        }
        finally
        {
            foreach (Tensor? tensor in byInput)
            {
                tensor?.Release();
            }

            byInput.Clear();
            ArrayPool<Tensor?>.Shared.Return(tensors);
        }
    }

    private static ServingStatus TryDecodeInputs(PredictCall call, SignatureModel signature, Span<Tensor?> byInput)
    {
        int used = 0;
        for (int i = 0; i < byInput.Length; i++)
        {
            string alias = signature.Inputs[i].Alias;
            int sent = call.InputAliases.IndexOf(alias);
            if (sent >= 0)
            {
                used++;
                if (!call.TryDecodeInput(sent, out byInput[i]))
                {
                    return PredictFaults.TensorDoesNotParse(alias);
                }
            }
            else if (!signature.Definition.Defaults.TryGetValue(alias, out Tensorflow.TensorProto? value))
            {
                return PredictFaults.MissingInput(call, signature, i);
            }
            else if (!signature.TryMakeDefault(i, value, out byInput[i]))
            {
                return PredictFaults.TensorDoesNotParse(alias);
            }
        }

        return used == call.InputCount ? ServingStatus.Ok : PredictFaults.UnusedInput(call, signature);
    }

    private ServingStatus Execute(
        PredictCall call, SignatureModel signature, PreparedCall prepared, long version, ReadOnlySpan<Tensor?> byInput, CancellationToken cancellation)
    {
        int feedCount = byInput.Length;
        Tensor?[] rented = ArrayPool<Tensor?>.Shared.Rent(feedCount + prepared.FetchCount);
        Span<Tensor?> feeds = rented.AsSpan(0, feedCount);
        Span<Tensor?> fetches = rented.AsSpan(feedCount, prepared.FetchCount);
        fetches.Clear();
        try
        {
            ReadOnlySpan<int> order = signature.FeedOrder;
            for (int i = 0; i < feeds.Length; i++)
            {
                feeds[i] = byInput[order[i]];
            }

            long started = Stopwatch.GetTimestamp();
            ServingStatus status = prepared.Callable.Run(feeds!, fetches, cancellation);
            if (status.IsOk)
            {
                _metrics.CountRun(call.ModelName, "Predict", Stopwatch.GetElapsedTime(started));
                call.ServedVersion = version;
                call.ServedSignature = signature.Name;
                call.SetOutputs(prepared, fetches);
            }

            return status;
        }
        finally
        {
            rented.AsSpan(0, feedCount + prepared.FetchCount).Clear();
            ArrayPool<Tensor?>.Shared.Return(rented);
        }
    }
}
