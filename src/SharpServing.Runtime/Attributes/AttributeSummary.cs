using System.Globalization;
using System.Text;
using Google.Protobuf.Collections;
using SharpServing.Tensors;
using Tensorflow;

namespace SharpServing.Runtime.Attributes;

/// <summary>Attribute values and nodes as TensorFlow's errors print them: <c>{{node y}} = Neg[T=DT_FLOAT](x)</c>.</summary>
internal static class AttributeSummary
{
    private const int MaxListItems = 50;

    /// <summary><c>{{node NAME}} = OP[attributes](inputs)</c>, the device among the attributes.</summary>
    public static string Of(NodeDef node)
    {
        MapField<string, AttrValue> attributes = node.Attr;
        if (node.Device.Length > 0)
        {
            attributes = attributes.Clone();
            attributes["_device"] = new AttrValue { S = Google.Protobuf.ByteString.CopyFromUtf8(node.Device) };
        }

        return $"{{{{node {node.Name}}}}} = {node.Op}[{Of(attributes)}]({string.Join(", ", node.Input)})";
    }

    /// <summary><c>name=value, …</c> in the order of names.</summary>
    public static string Of(MapField<string, AttrValue> attributes) =>
        string.Join(", ", attributes.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key}={Of(pair.Value)}"));

    public static string Of(AttrValue value) =>
        value.ValueCase switch
        {
            AttrValue.ValueOneofCase.S => Quote(value.S),
            AttrValue.ValueOneofCase.I => value.I.ToString(CultureInfo.InvariantCulture),
            AttrValue.ValueOneofCase.F => Number(value.F),
            AttrValue.ValueOneofCase.B => value.B ? "true" : "false",
            AttrValue.ValueOneofCase.Type => TypeName(value.Type),
            AttrValue.ValueOneofCase.Shape => PartialShape.FromProto(value.Shape).ToString(),
            AttrValue.ValueOneofCase.Tensor => OfTensor(value.Tensor),
            AttrValue.ValueOneofCase.Func => OfFunction(value.Func),
            AttrValue.ValueOneofCase.Placeholder => "$" + value.Placeholder,
            AttrValue.ValueOneofCase.List => OfList(value.List),
            _ => "<Unknown AttrValue type>",
        };

    private static string OfTensor(TensorProto tensor) =>
        $"Tensor<type: {DTypes.BaseOf((int)tensor.Dtype).ToName()} shape: {PartialShape.FromProto(tensor.TensorShape ?? new TensorShapeProto())} values: ...>";

    private static string OfFunction(NameAttrList function) =>
        function.Attr.Count == 0 ? $"{function.Name}[]" : $"{function.Name}[{Of(function.Attr)}]";

    private static string OfList(AttrValue.Types.ListValue list)
    {
        List<string> items =
        [
            .. list.S.Select(Quote), .. list.I.Select(item => item.ToString(CultureInfo.InvariantCulture)), .. list.F.Select(Number),
            .. list.B.Select(item => item ? "true" : "false"), .. list.Type.Select(TypeName),
            .. list.Shape.Select(item => PartialShape.FromProto(item).ToString()), .. list.Tensor.Select(OfTensor), .. list.Func.Select(OfFunction),
        ];

        if (items.Count > MaxListItems)
        {
            items = [.. items[..(MaxListItems / 2)], "...", .. items[^(MaxListItems / 2)..]];
        }

        return $"[{string.Join(", ", items)}]";
    }

    private static string TypeName(DataType type)
    {
        DType known = DTypes.BaseOf((int)type);
        string name = known.ToName().ToUpperInvariant();
        return (int)type > 100 ? $"DT_{name}_REF" : $"DT_{name}";
    }

    private static string Number(float value) => value.ToString("G6", CultureInfo.InvariantCulture);

    private static string Quote(Google.Protobuf.ByteString bytes)
    {
        var text = new StringBuilder("\"");
        foreach (byte item in bytes.Span)
        {
            _ = item switch
            {
                (byte)'\n' => text.Append("\\n"),
                (byte)'\r' => text.Append("\\r"),
                (byte)'\t' => text.Append("\\t"),
                (byte)'"' => text.Append("\\\""),
                (byte)'\'' => text.Append("\\'"),
                (byte)'\\' => text.Append("\\\\"),
                >= 0x20 and < 0x7F => text.Append((char)item),
                _ => text.Append('\\').Append(Convert.ToString(item, 8).PadLeft(3, '0')),
            };
        }

        return text.Append('"').ToString();
    }
}
