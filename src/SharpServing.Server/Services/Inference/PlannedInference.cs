namespace SharpServing.Server.Services.Inference;

/// <summary>A signature that was found fit for a method, and the outputs (aliases) to ask it for.</summary>
internal sealed record PlannedInference(InferenceMethod Method, SignatureModel Signature, string[] Outputs)
{
    /// <summary>Name of the tensor that takes the Examples.</summary>
    public string Feed => Signature.Inputs[0].TensorName;
}
