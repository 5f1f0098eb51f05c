using SharpServing.Runtime.OpDefs;
using SharpServing.Tensors;
using Tensorflow;

namespace SharpServing.Runtime.Import;

/// <summary>Checks a node's attributes against its op's definition: required ones present, dtypes and texts among the allowed ones.</summary>
internal static class AttributeValidator
{
    /// <exception cref="StatusException">INVALID_ARGUMENT with TensorFlow's text.</exception>
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

            if (attribute.AllowedTypes is { } types)
            {
                CheckTypes(node, definition, attribute, types, value);
            }
            else if (attribute.AllowedStrings is { } texts)
            {
                CheckTexts(node, definition, attribute, texts, value);
            }
        }
    }

    private static void CheckTypes(NodeDef node, OpDefinition definition, OpAttribute attribute, IReadOnlyList<DType> allowed, AttrValue value)
    {
        if (value.ValueCase == AttrValue.ValueOneofCase.Type)
        {
            CheckType(value.Type);
        }
        else if (value.ValueCase == AttrValue.ValueOneofCase.List)
        {
            foreach (DataType type in value.List.Type)
            {
                CheckType(type);
            }
        }

        void CheckType(DataType given)
        {
            DType type = DTypes.BaseOf((int)given);
            if (!allowed.Contains(type))
            {
                throw NotAllowed(node, definition, attribute, type.ToName(), allowed.Select(item => item.ToName()));
            }
        }
    }

    private static void CheckTexts(NodeDef node, OpDefinition definition, OpAttribute attribute, IReadOnlyList<string> allowed, AttrValue value)
    {
        if (value.ValueCase == AttrValue.ValueOneofCase.S)
        {
            CheckText(value.S);
        }
        else if (value.ValueCase == AttrValue.ValueOneofCase.List)
        {
            foreach (Google.Protobuf.ByteString text in value.List.S)
            {
                CheckText(text);
            }
        }

        void CheckText(Google.Protobuf.ByteString given)
        {
            string text = StatusText.FromBytes(given.Span);
            if (!allowed.Contains(text))
            {
                throw NotAllowed(node, definition, attribute, $"\"{text}\"", allowed.Select(item => $"\"{item}\""));
            }
        }
    }

    private static StatusException NotAllowed(NodeDef node, OpDefinition definition, OpAttribute attribute, string given, IEnumerable<string> allowed) =>
        StatusException.InvalidArgument(
            $"Value for attr '{attribute.Name}' of {given} is not in the list of allowed values: {string.Join(", ", allowed)}\n\t; NodeDef: {{{{node {node.Name}}}}}; {OpDefinitionSummary.Of(definition)}");
}
