using Google.Protobuf;
using SharpServing.Protos.Inference;
using SharpServing.Tensors;

namespace SharpServing.Server.Services.Inference;

/// <summary>
/// Classify: outputs <c>classes</c> (string) and <c>scores</c> (float), one of them at least, each of shape <c>[examples, classes]</c>.
/// Source: servables/tensorflow/classifier.cc.
/// </summary>
internal sealed class ClassifyMethod : InferenceMethod
{
    public static readonly ClassifyMethod Instance = new();

    private const string Classes = "classes";
    private const string Scores = "scores";

    private ClassifyMethod()
    {
    }

    public override string Name => MethodNames.Classify;

    public override string Api => "Classify";

    protected override string Noun => "classification";

    public override ServingStatus Read(long examples, string[] aliases, ReadOnlySpan<Tensor?> outputs, InferenceAnswer result)
    {
        Tensor? classes = Find(Classes, aliases, outputs);
        Tensor? scores = Find(Scores, aliases, outputs);
        ServingStatus status = Check(classes, Classes, DType.String, examples);
        if (status.IsOk)
        {
            status = Check(scores, Scores, DType.Float, examples);
        }

        if (!status.IsOk)
        {
            return status;
        }

        long count = (classes ?? scores)!.Shape[1];
        if (classes is not null && scores is not null && scores.Shape[1] != count)
        {
            return ServingStatus.InvalidArgument(Text($"Tensors class and score should match in dim_size(1). Got {count} vs. {scores.Shape[1]}"));
        }

        ReadOnlySpan<float> values = scores is null ? default : scores.Span<float>();
        result.ClassificationResult = new ClassificationResult();
        for (long example = 0; example < examples; example++)
        {
            var row = new Classifications();
            for (long i = example * count; i < (example + 1) * count; i++)
            {
                var entry = new Class();
                if (classes is not null)
                {
                    entry.Label = ByteString.CopyFrom(classes.String(i));
                }

                if (scores is not null)
                {
                    entry.Score = values[(int)i];
                }

                row.Classes.Add(entry);
            }

            result.ClassificationResult.Classifications.Add(row);
        }

        return ServingStatus.Ok;
    }

    protected override ServingStatus CheckOutputCount(int count) => count is 1 or 2
        ? ServingStatus.Ok
        : ServingStatus.InvalidArgument(Text($"Expected one or two output Tensors, found {count}"));

    protected override bool IsRead(string alias) => alias is Classes or Scores;

    protected override ServingStatus SelectOutputs(SignatureModel signature, out string[] outputs)
    {
        outputs = Array.FindAll([Classes, Scores], alias => HasOutput(signature, alias));
        return outputs.Length > 0
            ? ServingStatus.Ok
            : Refuse("Expected classification signature outputs to contain at least one of \"classes\" or \"scores\". Signature was: ", signature);
    }

    private static Tensor? Find(string alias, string[] aliases, ReadOnlySpan<Tensor?> outputs)
    {
        int index = Array.IndexOf(aliases, alias);
        return index < 0 ? null : outputs[index];
    }

    private static ServingStatus Check(Tensor? tensor, string alias, DType type, long examples)
    {
        if (tensor is null)
        {
            return ServingStatus.Ok;
        }

        if (tensor.Rank != 2)
        {
            return ServingStatus.InvalidArgument($"Expected Tensor shape: [batch_size num_classes] but got {tensor.Shape}");
        }

        if (tensor.DType != type)
        {
            return ServingStatus.InvalidArgument($"Expected {alias} Tensor of {NameOf(type)}. Got: {NameOf(tensor.DType)}");
        }

        return tensor.Shape[0] == examples
            ? ServingStatus.Ok
            : ServingStatus.InvalidArgument(Text($"Expected {alias} output batch size of {examples}. Got: {tensor.Shape[0]}"));
    }
}
