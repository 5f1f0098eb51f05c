using SharpServing.Server.Services;
using SharpServing.Tensors;
using Tensorflow;

namespace SharpServing.Server.Tests.Support;

internal static class FakeModels
{
    /// <summary>y = x / 2 + 2.</summary>
    public static SavedModelServable HalfPlusTwo()
    {
        FakeGraph graph = new FakeGraph().With("y:0", static (feeds, _) =>
        {
            Tensor x = feeds["x:0"];
            if (x.DType != DType.Float)
            {
                throw StatusException.InvalidArgument($"Expects arg[0] to be float but {x.DType.ToName()} is provided");
            }

            Tensor y = Tensor.Allocate(DType.Float, x.Shape);
            for (int i = 0; i < y.ElementCount; i++)
            {
                y.Span<float>()[i] = x.Span<float>()[i] / 2 + 2;
            }

            return y;
        });
        var signature = new SignatureDef { MethodName = "tensorflow/serving/predict" };
        signature.Inputs["x"] = new TensorInfo { Name = "x:0", Dtype = DataType.DtFloat, TensorShape = new TensorShapeProto { UnknownRank = true } };
        signature.Outputs["y"] = new TensorInfo { Name = "y:0", Dtype = DataType.DtFloat, TensorShape = new TensorShapeProto { UnknownRank = true } };
        return new SavedModelServable(new MetaGraphDef { SignatureDef = { ["serving_default"] = signature } }, graph);
    }

    /// <summary>Gives its input back; one signature per dtype name, with input <c>x</c> and output <c>y</c>.</summary>
    public static SavedModelServable Echo()
    {
        var graph = new FakeGraph().With("y:0", static (feeds, _) => feeds["x:0"].AddRef());
        graph.With("wait:0", static (feeds, cancellation) =>
        {
            cancellation.WaitHandle.WaitOne();
            cancellation.ThrowIfCancellationRequested();
            return feeds["x:0"].AddRef();
        });
        var meta = new MetaGraphDef();
        foreach (DType type in Enum.GetValues<DType>())
        {
            meta.SignatureDef[type.ToName()] = Signature(type, "y:0");
        }

        meta.SignatureDef["wait"] = Signature(DType.Float, "wait:0");
        return new SavedModelServable(meta, graph);
    }

    /// <summary>Gives its input back once the gate is open.</summary>
    /// <param name="gate">Runs wait for it.</param>
    /// <param name="entered">Called when a run comes to the gate.</param>
    public static SavedModelServable Gated(ManualResetEventSlim gate, Action? entered = null)
    {
        FakeGraph graph = new FakeGraph().With("y:0", (feeds, cancellation) =>
        {
            entered?.Invoke();
            gate.Wait(cancellation);
            return feeds["x:0"].AddRef();
        });
        return new SavedModelServable(new MetaGraphDef { SignatureDef = { ["serving_default"] = Signature(DType.Float, "y:0") } }, graph);
    }

    private static SignatureDef Signature(DType type, string output)
    {
        var signature = new SignatureDef();
        signature.Inputs["x"] = new TensorInfo { Name = "x:0", Dtype = (DataType)(int)type };
        signature.Outputs["y"] = new TensorInfo { Name = output, Dtype = (DataType)(int)type };
        return signature;
    }
}
