using SharpServing.Ops.Images.Jpeg;
using SharpServing.Ops.Support;
using SharpServing.Runtime.Execution;
using SharpServing.Runtime.Registry;
using SharpServing.Runtime.Shapes;
using SharpServing.Tensors;

namespace SharpServing.Ops.Images;

/// <summary>Decoding, resizing and cropping of images.</summary>
internal static class ImageOps
{
    public static void Register(OpRegistry registry)
    {
        registry.Add("ResizeNearestNeighbor", ImageShapes.Resize, static builder => Check(builder, new NearestKernel(builder)));
        registry.Add("ResizeBilinear", ImageShapes.Resize, static builder => Check(builder, new BilinearKernel(builder)));
        registry.Add("ResizeBicubic", ImageShapes.Resize, static builder => Check(builder, new BicubicKernel(builder)));
        registry.Add("ResizeArea", ImageShapes.Resize, static builder => Check(builder, new AreaKernel(builder)));
        registry.Add("CropAndResize", ImageShapes.CropAndResize, static builder => Check(builder, new CropAndResizeKernel(builder)));
        foreach (string op in (string[])["DecodeJpeg", "DecodePng", "DecodeGif", "DecodeBmp", "DecodeImage"])
        {
            registry.Add(op, ImageShapes.Decode, static builder => new DecodeKernel(builder));
        }

        registry.Add("ExtractJpegShape", ImageShapes.ThreeSizes, ExtractJpegShape);
        registry.Add("RGBToHSV", ShapeFunctions.Unchanged, static builder => new ColorSpaceKernel(builder, toHsv: true));
        registry.Add("HSVToRGB", ShapeFunctions.Unchanged, static builder => new ColorSpaceKernel(builder, toHsv: false));
        registry.Add("AdjustContrastv2", ShapeFunctions.Unchanged, static builder => builder.InputType(0) is DType.Float or DType.Half
            ? new LambdaKernel(AdjustContrast.Run)
            : builder.UnsupportedType(builder.InputType(0)));
    }

    private static void ExtractJpegShape(OpContext context)
    {
        Tensor contents = context.Input(0);
        if (contents.Rank != 0)
        {
            throw StatusException.InvalidArgument($"contents must be scalar, got shape {contents.Shape}");
        }

        try
        {
            var decoder = new JpegDecoder(contents.String(0), new JpegOptions());
            decoder.ReadHeader();
            (int height, int width, int components) = decoder.FileShape;
            context.SetOutput(0, IndexInput.Make(context.OutputType(0), [height, width, components], new Shape(3)));
        }
        catch (ImageDataException)
        {
            throw StatusException.InvalidArgument($"Invalid JPEG data, size {contents.String(0).Length}");
        }
    }

    private static OpKernel Check(KernelBuilder builder, OpKernel kernel) =>
        builder.InputType(0) is DType.Int8 or DType.UInt8 or DType.Int16 or DType.UInt16 or DType.Int32 or DType.Int64 or DType.Half
            or DType.BFloat16 or DType.Float or DType.Double
            ? kernel
            : builder.UnsupportedType(builder.InputType(0));
}
