using System.Text;
using SharpServing.Tensors;

namespace SharpServing.Runtime.OpDefs;

/// <summary>An op definition on one line, as TensorFlow's <c>SummarizeOpDef</c> prints it in errors about attributes.</summary>
internal static class OpDefinitionSummary
{
    public static string Of(OpDefinition definition)
    {
        var text = new StringBuilder();
        text.Append("Op<name=").Append(definition.Name).Append("; signature=");
        Arguments(text, definition.Inputs);
        text.Append(" -> ");
        Arguments(text, definition.Outputs);
        foreach (OpAttribute attribute in definition.Attributes)
        {
            text.Append("; attr=").Append(attribute.Name).Append(':').Append(attribute.Type);
            if (attribute.Default is { } standard)
            {
                text.Append(",default=").Append(Value(attribute, standard));
            }

            if (attribute.Minimum is { } minimum)
            {
                text.Append(",min=").Append(minimum);
            }

            if (attribute.AllowedTypes is { } types)
            {
                text.Append(",allowed=[").AppendJoin(", ", types.Select(EnumName)).Append(']');
            }
            else if (attribute.AllowedStrings is { } strings)
            {
                text.Append(",allowed=[").AppendJoin(", ", strings.Select(item => $"\"{item}\"")).Append(']');
            }
        }

        text.Append(definition.IsCommutative ? "; is_commutative=true" : string.Empty);
        text.Append(definition.IsStateful ? "; is_stateful=true" : string.Empty);
        text.Append(definition.AllowsUninitializedInput ? "; allows_uninitialized_input=true" : string.Empty);
        return text.Append('>').ToString();
    }

    /// <summary>A default in the notation of ops.txt: dtypes by their enum names, lists with blanks, the rest as it is.</summary>
    public static string Value(OpAttribute attribute, string text)
    {
        bool isType = attribute.Type is "type" or "list(type)";
        if (!text.StartsWith('['))
        {
            return isType ? EnumName(OpDefinitionParser.ParseType(text)) : text;
        }

        IEnumerable<string> items = OpDefinitionParser.SplitList(text);
        items = isType ? items.Select(item => EnumName(OpDefinitionParser.ParseType(item))) : items;
        return $"[{string.Join(", ", items)}]";
    }

    private static string EnumName(DType type) => "DT_" + type.ToName().ToUpperInvariant();

    private static void Arguments(StringBuilder text, IReadOnlyList<OpArgument> arguments)
    {
        for (int i = 0; i < arguments.Count; i++)
        {
            OpArgument argument = arguments[i];
            text.Append(i > 0 ? ", " : string.Empty).Append(argument.Name).Append(':');
            text.Append(argument.IsReference ? "Ref(" : string.Empty);
            text.Append(argument.NumberAttribute is { } number ? number + "*" : string.Empty);
            text.Append(argument.TypeListAttribute ?? argument.TypeAttribute ?? argument.Type.ToName());
            text.Append(argument.IsReference ? ")" : string.Empty);
        }
    }
}
