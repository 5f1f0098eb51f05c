using SharpServing.Runtime.Attributes;
using SharpServing.Runtime.Registry;
using SharpServing.Tensors;
using static SharpServing.Ops.Support.Requirements;

namespace SharpServing.Ops.Parsing;

/// <summary>Parsing of <c>tf.Example</c> messages.</summary>
internal static class ParsingOps
{
    public static void Register(OpRegistry registry)
    {
        registry.Add("ParseExample", ParsingShapes.ParseExample, static builder => new ParseExampleKernel(builder, isV2: false));
        registry.Add("ParseExampleV2", ParsingShapes.ParseExample, static builder => new ParseExampleKernel(builder, isV2: true));
        registry.Add("ParseSingleExample", ParsingShapes.ParseSingleExample, MakeSingle);
    }

    private static LambdaKernel MakeSingle(KernelBuilder builder)
    {
        AttributeMap attributes = builder.Attributes;
        DType[] sparse = attributes.Types("sparse_types");
        DType[] denseTypes = attributes.Types("Tdense");
        byte[][] sparseKeys = Keys(attributes, "sparse_keys");
        byte[][] denseKeys = Keys(attributes, "dense_keys");
        PartialShape[] shapes = attributes.Shapes("dense_shapes");
        Require(sparseKeys.Length == sparse.Length, "len(sparse_keys) != len(sparse_types)");
        Require(denseKeys.Length == denseTypes.Length, "len(dense_keys) != len(dense_types)");
        Require(denseKeys.Length == shapes.Length, "len(dense_keys) != len(dense_shapes)");
        DenseFeature[] dense = ParseExampleKernel.MakeDense(denseTypes, shapes);
        var spec = new ExampleSpec(denseKeys, dense, sparseKeys, sparse, [], []);
        return new LambdaKernel(context =>
        {
            Shape shape = context.Input(0).Shape;
            if (shape.Rank != 0)
            {
                throw StatusException.InvalidArgument($"Expected serialized to be a scalar, got shape: {shape}");
            }

            for (int d = 0; d < dense.Length; d++)
            {
                dense[d].CheckDefault(d, context.Input(1 + d));
            }

            new SingleExample(spec, context, firstDefault: 1).Run();
        });
    }

    /// <summary>A list of byte strings; empty when the attribute is.</summary>
    private static byte[][] Keys(AttributeMap attributes, string name) =>
        attributes.FindRaw(name)?.List is { } list ? [.. list.S.Select(static key => key.ToByteArray())] : [];
}
