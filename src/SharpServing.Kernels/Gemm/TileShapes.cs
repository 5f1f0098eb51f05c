namespace SharpServing.Kernels;

/// <summary>The shapes of kernel tiles.</summary>
internal static class TileShapes
{
    internal readonly struct Wide : ITileShape
    {
        static bool ITileShape.Wide => true;

        static bool ITileShape.Masked => false;
    }

    internal readonly struct Narrow : ITileShape
    {
        static bool ITileShape.Wide => false;

        static bool ITileShape.Masked => false;
    }

    internal readonly struct WideMasked : ITileShape
    {
        static bool ITileShape.Wide => true;

        static bool ITileShape.Masked => true;
    }

    internal readonly struct NarrowMasked : ITileShape
    {
        static bool ITileShape.Wide => false;

        static bool ITileShape.Masked => true;
    }
}
