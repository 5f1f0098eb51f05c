using SharpServing.Protos.Inference;
using SharpServing.Tensors;
using Tensorflow.Serving;

namespace SharpServing.Server.Services.Inference;

/// <summary>
/// Regress: the one output <c>outputs</c> (float) of shape <c>[examples]</c> or <c>[examples, 1]</c>.
/// Source: servables/tensorflow/regressor.cc.
/// </summary>
internal sealed class RegressMethod : InferenceMethod
{
    public static readonly RegressMethod Instance = new();

    private const string Outputs = "outputs";

    private static readonly ServingStatus NotOneOutput = ServingStatus.InvalidArgument("Expected one output Tensor.");

    private RegressMethod()
    {
    }

    public override string Name => MethodNames.Regress;

    public override string Api => "Regress";

    protected override string Noun => "regression";

    public override ServingStatus Read(long examples, string[] aliases, ReadOnlySpan<Tensor?> outputs, InferenceAnswer result)
    {
        Tensor output = outputs[0]!;
        if (output.Rank is not (1 or 2) || (output.Rank == 2 && output.Shape[1] != 1))
        {
            return ServingStatus.InvalidArgument(
                $"Expected output Tensor shape to be either [batch_size] or [batch_size, 1] but got {output.Shape}");
        }

        if (output.Shape[0] != examples)
        {
            return ServingStatus.InvalidArgument(Text($"Input batch size did not match output batch size: {examples} vs. {output.Shape[0]}"));
        }

        if (output.DType != DType.Float)
        {
            return ServingStatus.InvalidArgument($"Expected output Tensor of DT_FLOAT.  Got: {NameOf(output.DType)}");
        }

        result.RegressionResult = new RegressionResult();
        foreach (float value in output.Span<float>())
        {
            result.RegressionResult.Regressions.Add(new Regression { Value = value });
        }

        return ServingStatus.Ok;
    }

    protected override ServingStatus CheckOutputCount(int count) => count == 1 ? ServingStatus.Ok : NotOneOutput;

    protected override bool IsRead(string alias) => alias == Outputs;

    protected override ServingStatus SelectOutputs(SignatureModel signature, out string[] outputs)
    {
        outputs = [Outputs];
        return HasOutput(signature, Outputs) ? ServingStatus.Ok : Refuse("No regression outputs found in SignatureDef: ", signature);
    }
}
