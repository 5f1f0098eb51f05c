using SharpServing.Ops.Array;
using SharpServing.Ops.ControlFlow;
using SharpServing.Ops.Images;
using SharpServing.Ops.Linalg;
using SharpServing.Ops.Lists;
using SharpServing.Ops.Lookup;
using SharpServing.Ops.Math;
using SharpServing.Ops.Nn;
using SharpServing.Ops.Parsing;
using SharpServing.Ops.Random;
using SharpServing.Ops.Sparse;
using SharpServing.Ops.State;
using SharpServing.Ops.Strings;
using SharpServing.Runtime.Registry;

namespace SharpServing.Ops;

/// <summary>All op families, one line each. A new family is a new line here and a new folder.</summary>
public static class OpCatalog
{
    private static readonly Lazy<OpRegistry> All = new(Make);

    /// <summary>The table of every op this program can run.</summary>
    public static OpRegistry Registry => All.Value;

    private static OpRegistry Make()
    {
        var registry = new OpRegistry();
        GraphOps.Register(registry);
        ConditionalOps.Register(registry);
        LoopOps.Register(registry);
        SwitchOps.Register(registry);
        VariableOps.Register(registry);
        ReferenceVariableOps.Register(registry);
        CheckpointOps.Register(registry);
        ShapeOps.Register(registry);
        SliceOps.Register(registry);
        ReverseSequenceOps.Register(registry);
        JoinOps.Register(registry);
        GatherOps.Register(registry);
        PadOps.Register(registry);
        FillOps.Register(registry);
        SelectOps.Register(registry);
        TransposeOps.Register(registry);
        BinaryOps.Register(registry);
        CompareOps.Register(registry);
        LogicalOps.Register(registry);
        UnaryOps.Register(registry);
        CastOps.Register(registry);
        ReductionOps.Register(registry);
        RangeOps.Register(registry);
        MatMulOps.Register(registry);
        EinsumOps.Register(registry);
        ActivationOps.Register(registry);
        BiasOps.Register(registry);
        SoftmaxOps.Register(registry);
        ConvolutionOps.Register(registry);
        PoolOps.Register(registry);
        NormalizationOps.Register(registry);
        FusedOps.Register(registry);
        TopKOps.Register(registry);
        RandomOps.Register(registry);
        TensorListOps.Register(registry);
        TensorArrayOps.Register(registry);
        StringOps.Register(registry);
        RegexOps.Register(registry);
        StringSplitOps.Register(registry);
        StringBucketOps.Register(registry);
        StringEditOps.Register(registry);
        SubstringOps.Register(registry);
        LookupOps.Register(registry);
        SparseOps.Register(registry);
        SparseReduceOps.Register(registry);
        ParsingOps.Register(registry);
        ImageOps.Register(registry);
        AssertOps.Register(registry);
        return registry;
    }
}
