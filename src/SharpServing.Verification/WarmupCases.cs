using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.Collections;
using SharpServing.Runtime;
using SharpServing.SavedModel;
using SharpServing.Tensors;
using Tensorflow;
using Tensorflow.Serving;

namespace SharpServing.Verification;

/// <summary>
/// Requests that a model carries itself (<c>assets.extra/tf_serving_warmup_requests</c>, records of <c>PredictionLog</c>). With a
/// recorded response that is compared, else a request passes when it is answered.
/// </summary>
internal static class WarmupCases
{
    private const string DefaultSignature = "serving_default";
    private const double RelativeTolerance = 1e-4;
    private const double AbsoluteTolerance = 1e-5;

    /// <returns>False when the model has none.</returns>
    public static bool Run(string directory, VerifyContext context)
    {
        string path = Path.Combine(directory, "assets.extra", "tf_serving_warmup_requests");
        if (!File.Exists(path))
        {
            return false;
        }

        IGraphSession? session = null;
        SavedModelGraph? graph = null;
        ServingStatus status = VerifyContext.Guard(() => context.Backend.TryOpenModel(directory, ["serve"], allowSoftPlacement: false, out session));
        if (status.IsOk)
        {
            status = SavedModelReader.TryRead(directory, ["serve"], out graph);
        }

        int number = 0;
        foreach (byte[] record in TfRecords.Read(path))
        {
            string id = string.Create(CultureInfo.InvariantCulture, $"warmup {number++}");
            if (context.IsWanted(id) && context.CheckLoad(id, status, expected: null))
            {
                Run(id, graph!.MetaGraph, session!, PredictionLog.Parser.ParseFrom(record), context);
            }
        }

        session?.Dispose();
        return true;
    }

    private static void Run(string id, MetaGraphDef metaGraph, IGraphSession session, PredictionLog log, VerifyContext context)
    {
        var inputs = new Dictionary<string, Dictionary<string, Tensor>>();
        ModelSpec? spec;
        IDictionary<string, TensorProto> outputs = new Dictionary<string, TensorProto>();
        switch (log.LogTypeCase)
        {
            case PredictionLog.LogTypeOneofCase.PredictLog:
                spec = log.PredictLog.Request?.ModelSpec;
                foreach ((string alias, TensorProto proto) in (IDictionary<string, TensorProto>?)log.PredictLog.Request?.Inputs ?? outputs)
                {
                    if (!TensorProtoValues.TryCreate(proto, out Tensor? tensor))
                    {
                        context.Report(id, VerifyOutcome.Failed, $"tensor parsing error: {alias}");
                        return;
                    }

                    inputs.Add(alias, new Dictionary<string, Tensor> { [""] = tensor! });
                }

                outputs = (IDictionary<string, TensorProto>?)log.PredictLog.Response?.Outputs ?? outputs;
                break;
            case PredictionLog.LogTypeOneofCase.ClassifyLog:
                spec = log.ClassifyLog.Request?.ModelSpec;
                inputs.Add("inputs", new Dictionary<string, Tensor> { [""] = Examples(log.ClassifyLog.Request?.Input) });
                break;
            case PredictionLog.LogTypeOneofCase.RegressLog:
                spec = log.RegressLog.Request?.ModelSpec;
                inputs.Add("inputs", new Dictionary<string, Tensor> { [""] = Examples(log.RegressLog.Request?.Input) });
                break;
            default:
                context.Report(id, VerifyOutcome.Refused, $"a record of kind {(int)log.LogTypeCase} is not run");
                return;
        }

        string key = spec is { SignatureName.Length: > 0 } ? spec.SignatureName : DefaultSignature;
        Run(id, metaGraph, key, session, inputs, outputs, context);
    }

    private static void Run(
        string id, MetaGraphDef metaGraph, string key, IGraphSession session, Dictionary<string, Dictionary<string, Tensor>> inputs,
        IDictionary<string, TensorProto> outputs, VerifyContext context)
    {
        var expected = new List<(string, GoldenTensor)>();
        foreach ((string name, TensorProto proto) in outputs)
        {
            if (TensorProtoValues.TryCreate(proto, out Tensor? values))
            {
                expected.Add((name, new GoldenTensor { Type = values!.DType, Shape = values.Shape, Values = values }));
            }
        }

        var answer = new GoldenAnswer { Outputs = expected, RelativeTolerance = RelativeTolerance, AbsoluteTolerance = AbsoluteTolerance };
        if (!metaGraph.SignatureDef.TryGetValue(key, out SignatureDef? signature))
        {
            context.Report(id, VerifyOutcome.Failed, $"Serving signature key \"{key}\" not found.");
            return;
        }

        ServingStatus status = ModelSignature.TryBind(signature, inputs, out List<(string, Tensor)> feeds);
        string[] names = [.. signature.Outputs.Keys.Order(StringComparer.Ordinal)];
        if (!status.IsOk)
        {
            context.CheckAnswer(id, status, [], answer);
            return;
        }

        context.RunCase(id, session, new CaseRun(feeds, names.Select(n => signature.Outputs[n].Name), []), answer, names);
        foreach (Tensor tensor in inputs.Values.SelectMany(parts => parts.Values))
        {
            tensor.Release();
        }
    }

    /// <summary>Each Example serialized; those with a context have its features in front of their own.</summary>
    private static Tensor Examples(Input? input)
    {
        RepeatedField<Example> examples = input?.ExampleList?.Examples ?? input?.ExampleListWithContext?.Examples ?? [];
        var builder = new StringTensorBuilder(new Shape(examples.Count));
        foreach (Example example in examples)
        {
            Example whole = input?.ExampleListWithContext?.Context?.Clone() ?? new Example();
            whole.MergeFrom(example);
            builder.Append(whole.ToByteArray());
        }

        return builder.Finish();
    }
}
