using SharpServing.Runtime.OpDefs;
using SharpServing.Tensors;
using Tensorflow;

namespace SharpServing.Runtime.Import;

/// <summary>Checks a node's attributes against its op's definition: required ones present, dtypes among the allowed ones.</summary>
internal static class AttributeValidator
{
    /// <exception cref="StatusException">INVALID_ARGUMENT with TensorFlow's text (without its NodeDef summary).</exception>
    public static void Validate(NodeDef node, OpDefinition definition)
    {
        foreach (OpAttribute attribute in definition.Attributes)
        {
            if (!node.Attr.TryGetValue(attribute.Name, out AttrValue? value))
            {
                if (attribute.Default is null)
                {
                    throw StatusException.NotFound($"No attr named '{attribute.Name}' in NodeDef:\n\t [[{{{{node {node.Name}}}}}]]\n\t [[{node.Name}]]");
                }

                continue;
            }

            if (attribute.AllowedTypes is { } allowed && value.ValueCase == AttrValue.ValueOneofCase.Type)
            {
                Check(attribute, allowed, DTypes.BaseOf((int)value.Type), node.Name);
            }
            else if (attribute.AllowedTypes is { } allowedInList && value.ValueCase == AttrValue.ValueOneofCase.List)
            {
                foreach (DataType type in value.List.Type)
                {
                    Check(attribute, allowedInList, DTypes.BaseOf((int)type), node.Name);
                }
            }
        }
    }

    private static void Check(OpAttribute attribute, IReadOnlyList<DType> allowed, DType type, string node)
    {
        if (!allowed.Contains(type))
        {
            throw StatusException.InvalidArgument(
                $"Value for attr '{attribute.Name}' of {type.ToName()} is not in the list of allowed values: {string.Join(", ", allowed.Select(item => item.ToName()))}\n\t; NodeDef: {{{{node {node}}}}}");
        }
    }
}
