namespace SharpServing.Server.Services;

/// <summary>Refusals of a Predict request. Source of the texts: tensorflow/cc/saved_model/util.cc.</summary>
internal static class PredictFaults
{
    public static ServingStatus TensorDoesNotParse(string alias) => ServingStatus.InvalidArgument($"tensor parsing error: {alias}");

    public static ServingStatus InputCount(PredictCall call, SignatureModel signature)
    {
        string[] sent = call.InputAliases.ToArray();
        string[] wanted = AliasesOf(signature);
        return ServingStatus.InvalidArgument(
            $"input size does not match signature: {sent.Length}!={wanted.Length} len({{{AliasSet.Format(sent)}}}) != len({{{AliasSet.Format(wanted)}}})."
            + $" Sent extra: {{{AliasSet.Format(sent.Except(wanted))}}}. Missing but required: {{{AliasSet.Format(wanted.Except(sent))}}}.");
    }

    public static ServingStatus MissingInput(PredictCall call, SignatureModel signature, int index) => ServingStatus.InvalidArgument(
        $"Signature input alias: {signature.Inputs[index].Alias}(feed name: {signature.Inputs[index].TensorName}) not found in request and no default"
        + $" value provided. Inputs expected to be in the request {{{AliasSet.Format(call.InputAliases.ToArray())}}}, or default input alias set:"
        + $" {AliasSet.Format(signature.Definition.Defaults.Keys)}");

    public static ServingStatus UnusedInput(PredictCall call, SignatureModel signature)
    {
        string[] sent = call.InputAliases.ToArray();
        return ServingStatus.InvalidArgument(
            $"Inputs contains invalid name. Used request inputs: {AliasSet.Format(sent.Intersect(AliasesOf(signature)))}, request input: {AliasSet.Format(sent)}");
    }

    private static string[] AliasesOf(SignatureModel signature) => signature.Inputs.ToArray().Select(static i => i.Alias).ToArray();
}
