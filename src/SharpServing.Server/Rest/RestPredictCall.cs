using SharpServing.Server.Grpc;
using SharpServing.Server.Services;
using SharpServing.Tensors;

namespace SharpServing.Server.Rest;

/// <summary>A Predict that came as JSON. Its tensors are made while the body is read.</summary>
internal sealed class RestPredictCall : PredictCall
{
    private readonly List<Tensor> _tensors = [];

    /// <summary>True: the body has <c>instances</c>, so that the answer has <c>predictions</c>.</summary>
    public bool IsRow { get; set; }

    /// <summary>Takes the reference over.</summary>
    public void AddInput(string alias, Tensor tensor)
    {
        AddInput(alias);
        _tensors.Add(tensor);
    }

    public override bool TryDecodeInput(int index, out Tensor? tensor)
    {
        tensor = _tensors[index].AddRef();
        return true;
    }

    public override byte[] RequestBytes() => PredictRequestWriter.Write(this, _tensors);

    public override void Reset()
    {
        foreach (Tensor tensor in _tensors)
        {
            tensor.Release();
        }

        _tensors.Clear();
        IsRow = false;
        base.Reset();
    }
}
