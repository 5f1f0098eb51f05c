using SharpServing.Ops.Linalg;
using SharpServing.Runtime.Attributes;
using SharpServing.Runtime.Shapes;

namespace SharpServing.Ops.Nn;

/// <summary>Shapes of the products that FuseLinear makes: as before, broadcast with a residual.</summary>
internal static class FusedShapes
{
    public static void Conv2D(ShapeContext context) => Set(context, ConvolutionShapes.OfConv2D(context));

    public static void Depthwise(ShapeContext context) => Set(context, ConvolutionShapes.OfDepthwise(context));

    public static void MatMul(ShapeContext context) => Set(context, context.Attributes.Bool("matrices")
        ? ProductShapes.OfMatrices(context)
        : ProductShapes.OfBatches(context, context.Attributes.Bool("transpose_a"), context.Attributes.Bool("transpose_b")));

    /// <summary>The residual is the last input.</summary>
    private static void Set(ShapeContext context, PartialShape product) => context.SetOutput(0, context.Attributes.Bool("has_residual")
        ? PartialShape.Broadcast(product, context.InputShape(context.InputCount - 1))
        : product);
}
