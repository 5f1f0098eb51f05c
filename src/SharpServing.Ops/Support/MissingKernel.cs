using SharpServing.Runtime.Registry;
using SharpServing.Tensors;

namespace SharpServing.Ops.Support;

/// <summary>The refusal of a dtype that an op's definition allows but for which TensorFlow has no CPU kernel.</summary>
internal static class MissingKernel
{
    /// <returns>An exception with INVALID_ARGUMENT: <c>No OpKernel was registered to support Op …</c>.</returns>
    public static StatusException For(KernelBuilder builder, string attribute, DType type) =>
        StatusException.InvalidArgument(
            $"No OpKernel was registered to support Op '{builder.Node.Op}' used by {{{{node {builder.Node.Name}}}}} with these attrs: [{attribute}=DT_{type.ToName().ToUpperInvariant()}]\nRegistered devices: [CPU]\n");

    /// <summary>A factory that refuses some dtypes and leaves the others to <paramref name="make"/>.</summary>
    public static KernelFactory Except(KernelFactory make, params DType[] missing) =>
        builder => System.Array.IndexOf(missing, builder.InputType(0)) >= 0 ? throw For(builder, "T", builder.InputType(0)) : make(builder);
}
