using SharpServing.Runtime.Registry;
namespace SharpServing.Ops.Linalg;

/// <summary>Einsum of one or two operands: transposes to [batch, free, sum] form, one batched product, a transpose back.</summary>
internal static class EinsumOps
{
    public static void Register(OpRegistry registry) => registry.Add("Einsum", EinsumShapes.Einsum, MakeEinsum);

    private static OpKernel MakeEinsum(KernelBuilder builder)
    {
        if (!TypedGemm.Supports(builder.OutputType(0)))
        {
            return builder.UnsupportedType(builder.OutputType(0));
        }

        string equation = builder.Attributes.String("equation");
        return new EinsumKernel(equation, builder.InputCount);
    }
}
