using System.Runtime.InteropServices;
using SharpServing.Kernels;
using SharpServing.Ops.Support;
using SharpServing.Runtime.Execution;
using SharpServing.Runtime.Registry;
using SharpServing.Tensors;

namespace SharpServing.Ops.Nn;

/// <summary>What a fused product does behind its sums, read from the attributes and inputs that FuseLinear set.</summary>
internal sealed unsafe class FusedEpilogue
{
    private readonly int _bias = -1;
    private readonly int _residual = -1;
    private readonly Activation _activation;
    private readonly float _alpha;

    public FusedEpilogue(KernelBuilder builder)
    {
        int next = 2;
        if (builder.Attributes.Bool("has_scale"))
        {
            Scale = builder.ConstantInput(next)!.Span<float>().ToArray();
            builder.DropInput(next++);
        }

        _bias = builder.Attributes.Bool("has_bias") ? next++ : -1;
        _residual = builder.Attributes.Bool("has_residual") ? next : -1;
        _activation = (Activation)builder.Attributes.Int("activation");
        _alpha = builder.Attributes.Float("alpha");
    }

    /// <summary>One factor an output channel, to be folded into the weights; null: none.</summary>
    public float[]? Scale { get; }

    /// <summary>A name for the weights as they are after folding.</summary>
    public string Form(string layout) =>
        Scale is null ? layout : $"{layout}:{Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(MemoryMarshal.AsBytes(Scale.AsSpan())))}";

    /// <summary>Weights with the last <c>channels</c> elements of each row multiplied by the scale; one reference for the caller.</summary>
    public Tensor Fold(Tensor weights)
    {
        if (Scale is null)
        {
            return weights.AddRef();
        }

        Tensor folded = Tensor.Allocate(DType.Float, weights.Shape, TensorAllocator.Shared, pooled: false);
        ReadOnlySpan<float> source = weights.Span<float>();
        Span<float> target = folded.Span<float>();
        for (int row = 0; row < source.Length; row += Scale.Length)
        {
            System.Numerics.Tensors.TensorPrimitives.Multiply(source.Slice(row, Scale.Length), Scale, target.Slice(row, Scale.Length));
        }

        return folded;
    }

    /// <summary>The epilogue of one run. A residual of another shape is left to <see cref="Finish"/>.</summary>
    public Epilogue Start(OpContext context, in Shape result)
    {
        bool late = IsLate(context, result);
        return new Epilogue
        {
            Bias = _bias < 0 ? null : (float*)context.Input(_bias).Data,
            Residual = _residual < 0 || late ? null : (float*)context.Input(_residual).Data,
            Activation = late ? Activation.None : _activation,
            Alpha = _alpha,
        };
    }

    /// <summary>Adds a residual that has to be broadcast, and sets output 0. Takes over the reference to <paramref name="result"/>.</summary>
    public void Finish(OpContext context, Tensor result)
    {
        if (!IsLate(context, result.Shape))
        {
            context.SetOutput(0, result);
            return;
        }

        Tensor residual = context.Input(_residual);
        if (!BroadcastShape.TryCombine(result.Shape, residual.Shape, out Shape shape))
        {
            Shape left = result.Shape;
            result.Release();
            throw StatusException.InvalidArgument($"Incompatible shapes: {left} vs. {residual.Shape}");
        }

        Tensor sum = context.Allocate(0, shape);
        Elementwise.Binary<AddOperator<float>, float>(result.Span<float>(), result.Shape, residual.Span<float>(), residual.Shape, sum.Span<float>(), shape);
        result.Release();
        ActivationKernel.Apply(_activation, _alpha, sum.Span<float>());
    }

    private bool IsLate(OpContext context, in Shape result) => _residual >= 0 && context.Input(_residual).Shape != result;
}
