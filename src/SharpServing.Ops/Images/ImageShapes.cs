using SharpServing.Runtime.Attributes;
using SharpServing.Runtime.Shapes;

namespace SharpServing.Ops.Images;

/// <summary>Shapes of images.</summary>
internal static class ImageShapes
{
    /// <summary>[batch, height, width, channels] to the size of input 1 [2].</summary>
    public static void Resize(ShapeContext context)
    {
        PartialShape images = context.InputShape(0).WithRank(4);
        PartialShape size = context.InputAsShape(1).WithRank(2);
        context.SetOutput(0, new PartialShape([images[0], size[0], size[1], images[3]]));
    }

    /// <summary>One crop a box of input 1, of the size of input 3 [2].</summary>
    public static void CropAndResize(ShapeContext context)
    {
        PartialShape size = context.InputAsShape(3).WithRank(2);
        PartialShape boxes = context.InputShape(1).WithRank(2);
        PartialShape boxIndex = context.InputShape(2);

        // Boxes without elements make no crop, whatever their number.
        long count = boxIndex.Rank == 1 && boxIndex[0] >= 0 ? boxIndex[0] : boxes[1] > 0 ? boxes[0] : -1;
        context.SetOutput(0, new PartialShape([count, size[0], size[1], context.InputShape(0).WithRank(4)[3]]));
    }

    /// <summary>
    /// [height, width, channels] whatever the format of the file is; DecodeGif: [frames, height, width, 3]; DecodeImage may do either.
    /// </summary>
    public static void Decode(ShapeContext context)
    {
        if (context.Node.Op == "DecodeGif")
        {
            context.SetOutput(0, PartialShape.OfRank(4).With(3, 3));
            return;
        }

        if (context.Node.Op == "DecodeImage" && context.Attributes.Bool("expand_animations"))
        {
            return;
        }

        long channels = context.Attributes.Int("channels");
        context.SetOutput(0, new PartialShape([-1, -1, channels > 0 ? channels : -1]));
    }

    public static void ThreeSizes(ShapeContext context) => context.SetOutput(0, PartialShape.Vector(3));
}
