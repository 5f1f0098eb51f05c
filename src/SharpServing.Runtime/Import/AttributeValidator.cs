using SharpServing.Runtime.OpDefs;
using SharpServing.Tensors;
using Tensorflow;

namespace SharpServing.Runtime.Import;

/// <summary>Checks a node's attributes against its op's definition: required ones present, dtypes and texts among the allowed ones.</summary>
internal static class AttributeValidator
{
    /// <summary>What is refused when the graph is loaded: a missing attribute, a dtype that is not allowed.</summary>
    /// <exception cref="StatusException">NOT_FOUND or INVALID_ARGUMENT with TensorFlow's text.</exception>
    public static void ValidateTypes(NodeDef node, OpDefinition definition)
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
                CheckTypes(node.Name, definition, attribute, types, value);
            }
        }
    }

    /// <summary>What is refused when a kernel is made, thus only where a run gets to: a text that is not allowed, a number or list that is too small.</summary>
    /// <exception cref="StatusException">INVALID_ARGUMENT with TensorFlow's text.</exception>
    public static void ValidateValues(Graphs.Node node)
    {
        foreach (OpAttribute attribute in node.Definition.Attributes)
        {
            if ((attribute.AllowedStrings is null && attribute.Minimum is null) || node.Attributes.FindRaw(attribute.Name) is not { } value)
            {
                continue;
            }

            if (attribute.AllowedStrings is { } texts)
            {
                CheckTexts(node.Name, node.Definition, attribute, texts, value);
            }

            if (attribute.Minimum is { } minimum)
            {
                CheckMinimum(node.Name, node.Definition, attribute, minimum, value);
            }
        }
    }

    private static void CheckMinimum(string node, OpDefinition definition, OpAttribute attribute, long minimum, AttrValue value)
    {
        bool isList = attribute.Type.StartsWith("list(", StringComparison.Ordinal);
        if (!isList && value.ValueCase == AttrValue.ValueOneofCase.I && value.I < minimum)
        {
            throw WithSummary($"Value for attr '{attribute.Name}' of {value.I} must be at least minimum {minimum}", node, definition);
        }

        if (isList && value.ValueCase is AttrValue.ValueOneofCase.List or AttrValue.ValueOneofCase.None)
        {
            int length = value.List is { } list
                ? list.S.Count + list.I.Count + list.F.Count + list.B.Count + list.Type.Count + list.Shape.Count + list.Tensor.Count + list.Func.Count
                : 0;
            if (length < minimum)
            {
                throw WithSummary($"Length for attr '{attribute.Name}' of {length} must be at least minimum {minimum}", node, definition);
            }
        }
    }

    private static void CheckTypes(string node, OpDefinition definition, OpAttribute attribute, IReadOnlyList<DType> allowed, AttrValue value)
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

    private static void CheckTexts(string node, OpDefinition definition, OpAttribute attribute, IReadOnlyList<string> allowed, AttrValue value)
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

    private static StatusException NotAllowed(string node, OpDefinition definition, OpAttribute attribute, string given, IEnumerable<string> allowed) =>
        WithSummary(
            $"Value for attr '{attribute.Name}' of {given} is not in the list of allowed values: {string.Join(", ", allowed)}", node, definition);

    private static StatusException WithSummary(string text, string node, OpDefinition definition) =>
        StatusException.InvalidArgument($"{text}\n\t; NodeDef: {{{{node {node}}}}}; {OpDefinitionSummary.Of(definition)}");
}
