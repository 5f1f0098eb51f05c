using SharpServing.Runtime.Attributes;
using SharpServing.Runtime.OpDefs;
using SharpServing.Tensors;
using Tensorflow;

namespace SharpServing.Runtime.Import;

/// <summary>Nodes for whose op and dtypes TensorFlow has no CPU kernel: refused when the graph is placed, reached or not.</summary>
internal static class KernelValidator
{
    /// <exception cref="StatusException">INVALID_ARGUMENT: <c>No OpKernel was registered to support Op …</c>.</exception>
    public static void Validate(NodeDef node)
    {
        if (KernelTable.Find(node.Op) is not { } kernels)
        {
            return;
        }

        OpDefinition definition = OpDefinitionTable.Find(node.Op)!;
        var attributes = new AttributeMap(node.Attr, definition);
        if (Array.Exists(kernels, kernel => KernelTable.Fits(kernel, name => $"DT_{attributes.Type(name).ToName().ToUpperInvariant()}")))
        {
            return;
        }

        string list = kernels.Length == 0 ? "  <no registered kernels>\n" : string.Concat(kernels.Select(kernel => $"  {kernel}\n"));
        throw StatusException.InvalidArgument(
            $"No OpKernel was registered to support Op '{node.Op}' used by {{{{node {node.Name}}}}} with these attrs: " +
            $"[{Summary(node, definition)}]\nRegistered devices: [CPU]\nRegistered kernels:\n{list}\n\t [[{node.Name}]]");
    }

    /// <summary>The node's attributes, those left to their default too.</summary>
    private static string Summary(NodeDef node, OpDefinition definition)
    {
        IEnumerable<string> defaults = definition.Attributes
            .Where(attribute => attribute.Default is not null && !node.Attr.ContainsKey(attribute.Name))
            .Select(attribute => $"{attribute.Name}={OpDefinitionSummary.Value(attribute, attribute.Default!)}");
        return string.Join(", ", node.Attr.OrderBy(pair => pair.Key, StringComparer.Ordinal)
            .Select(pair => $"{pair.Key}={AttributeSummary.Of(pair.Value)}").Concat(defaults));
    }
}
