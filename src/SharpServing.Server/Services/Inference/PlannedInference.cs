using SharpServing.Protos.Inference;
using SharpServing.Tensors;

namespace SharpServing.Server.Services.Inference;

/// <summary>A signature that was found fit for a method, and the outputs to ask it for.</summary>
internal sealed record PlannedInference(InferenceMethod Method, SignatureModel Signature, string[] Outputs)
{
    /// <summary>Name of the tensor that takes the Examples.</summary>
    public string Feed => Signature.Inputs[0].TensorName;

    /// <param name="examples">Borrowed.</param>
    public ServingStatus Run(Tensor examples, InferenceAnswer result, CancellationToken cancellation)
    {
        ServingStatus status = Signature.TryPrepare(Outputs, out PreparedCall? call);
        if (!status.IsOk)
        {
            return status;
        }

        var fetched = new Tensor?[call!.FetchCount];
        try
        {
            status = call.Callable.Run([examples], fetched, cancellation);
            if (!status.IsOk)
            {
                return status;
            }

            Tensor?[] outputs = Array.ConvertAll(call.Sources, source => fetched[source]);
            return Method.Read(examples.Shape[0], call.Aliases, outputs, result);
        }
        finally
        {
            foreach (Tensor? tensor in fetched)
            {
                tensor?.Release();
            }
        }
    }
}
