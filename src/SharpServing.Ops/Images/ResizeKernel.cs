using SharpServing.Ops.Support;
using SharpServing.Runtime.Execution;
using SharpServing.Runtime.Registry;
using SharpServing.Tensors;
using static SharpServing.Ops.Support.Requirements;

namespace SharpServing.Ops.Images;

/// <summary>
/// Checks a resize of images [batch, height, width, channels] to the size of input 1 [2] (height, width), then leaves the pixels to
/// <see cref="Resize"/>.
/// </summary>
internal abstract class ResizeKernel : OpKernel
{
    protected ResizeKernel(KernelBuilder builder) => Scale = new ResizeScale(builder);

    protected ResizeScale Scale { get; }

    public override void Compute(OpContext context)
    {
        Tensor images = context.Input(0);
        Tensor size = context.Input(1);
        Require(images.Rank == 4, $"input must be 4-dimensional{images.Shape}");
        Require(size.Rank == 1, $"shape_t must be 1-dimensional{size.Shape}");
        Require(size.ElementCount == 2, $"shape_t must have two elements{size.Shape}");
        int height = size.Span<int>()[0];
        int width = size.Span<int>()[1];
        Require(height > 0 && width > 0, "output dimensions must be positive");
        Require(images.Shape[1] > 0 && images.Shape[2] > 0, "input image must be of non-zero size");
        Require(images.Shape[3] > 0, "image must have at least one channel");
        Tensor output = OutputMemory.Allocate(context, 0, images.Shape[0], height, width, images.Shape[3]);
        if (output.ElementCount > 0)
        {
            Resize(images, output);
        }
    }

    /// <param name="images">[batch, height, width, channels], not empty.</param>
    /// <param name="output">Same batch and channels.</param>
    protected abstract void Resize(Tensor images, Tensor output);
}
