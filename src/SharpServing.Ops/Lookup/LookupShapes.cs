using SharpServing.Runtime.Attributes;
using SharpServing.Runtime.Resources;
using SharpServing.Runtime.Shapes;

namespace SharpServing.Ops.Lookup;

/// <summary>Shapes of what tables answer.</summary>
internal static class LookupShapes
{
    /// <summary>One value a key of input 1.</summary>
    public static void Find(ShapeContext context)
    {
        if (context.Node.Inputs[0].Constant is { } handle && handle.Objects is [ResourceHandle { Resource: LookupTable table }, ..])
        {
            context.SetOutput(0, context.InputShape(1).Concat(PartialShape.From(table.ValueShape)));
        }
    }
}
