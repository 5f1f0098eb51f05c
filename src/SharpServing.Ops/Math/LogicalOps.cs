using SharpServing.Kernels;
using SharpServing.Runtime.Registry;
using SharpServing.Runtime.Shapes;
using SharpServing.Tensors;

namespace SharpServing.Ops.Math;

/// <summary>Logic on bool tensors.</summary>
internal static class LogicalOps
{
    public static void Register(OpRegistry registry)
    {
        registry.Add("LogicalAnd", ShapeFunctions.Broadcast, static _ => new BinaryMapKernel<AndMap, bool, bool>());
        registry.Add("LogicalOr", ShapeFunctions.Broadcast, static _ => new BinaryMapKernel<OrMap, bool, bool>());
        registry.Add("LogicalNot", ShapeFunctions.Unchanged, static context =>
        {
            Tensor x = context.Input(0);
            Elementwise.Map<NotMap, bool, bool>(x.Span<bool>(), context.Allocate(0, x.Shape).Span<bool>());
        });
    }

    private readonly struct AndMap : IBinaryMap<bool, bool>
    {
        public static bool Invoke(bool x, bool y) => x & y;
    }

    private readonly struct OrMap : IBinaryMap<bool, bool>
    {
        public static bool Invoke(bool x, bool y) => x | y;
    }

    private readonly struct NotMap : IUnaryMap<bool, bool>
    {
        public static bool Invoke(bool x) => !x;
    }
}
