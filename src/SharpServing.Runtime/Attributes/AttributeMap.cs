using System.Globalization;
using Google.Protobuf.Collections;
using SharpServing.Runtime.OpDefs;
using SharpServing.Tensors;
using Tensorflow;

namespace SharpServing.Runtime.Attributes;

/// <summary>
/// Attributes of one node with the defaults of its op definition. A wrong kind or a missing required attribute is TensorFlow's
/// INVALID_ARGUMENT / NOT_FOUND.
/// </summary>
public sealed class AttributeMap
{
    private readonly MapField<string, AttrValue> _values;
    private readonly OpDefinition? _definition;

    public AttributeMap(MapField<string, AttrValue> values, OpDefinition? definition)
    {
        _values = values;
        _definition = definition;
    }

    public MapField<string, AttrValue> Values => _values;

    public bool Has(string name) => _values.ContainsKey(name) || _definition?.FindAttribute(name)?.Default is not null;

    public AttrValue? FindRaw(string name) => _values.TryGetValue(name, out AttrValue? value) ? value : null;

    public long Int(string name) =>
        FindRaw(name) is { } value ? Expect(name, value, AttrValue.ValueOneofCase.I).I : long.Parse(DefaultOf(name), CultureInfo.InvariantCulture);

    public float Float(string name) =>
        FindRaw(name) is { } value ? Expect(name, value, AttrValue.ValueOneofCase.F).F : ParseFloat(DefaultOf(name));

    public bool Bool(string name) =>
        FindRaw(name) is { } value ? Expect(name, value, AttrValue.ValueOneofCase.B).B : DefaultOf(name) == "true";

    public string String(string name) =>
        FindRaw(name) is { } value ? Expect(name, value, AttrValue.ValueOneofCase.S).S.ToStringUtf8() : DefaultOf(name).Trim('"');

    public byte[] StringBytes(string name) =>
        FindRaw(name) is { } value
            ? Expect(name, value, AttrValue.ValueOneofCase.S).S.ToByteArray()
            : System.Text.Encoding.UTF8.GetBytes(DefaultOf(name).Trim('"'));

    public DType Type(string name) =>
        FindRaw(name) is { } value
            ? DTypes.BaseOf((int)Expect(name, value, AttrValue.ValueOneofCase.Type).Type)
            : OpDefinitionParser.ParseType(DefaultOf(name));

    public PartialShape Shape(string name) =>
        FindRaw(name) is { } value
            ? PartialShape.FromProto(Expect(name, value, AttrValue.ValueOneofCase.Shape).Shape)
            : PartialShape.Parse(DefaultOf(name));

    public TensorProto TensorProto(string name) =>
        FindRaw(name) is { } value ? Expect(name, value, AttrValue.ValueOneofCase.Tensor).Tensor : throw Missing(name);

    public NameAttrList Function(string name)
    {
        if (FindRaw(name) is { } value)
        {
            return Expect(name, value, AttrValue.ValueOneofCase.Func).Func;
        }

        return new NameAttrList { Name = DefaultOf(name)["func:".Length..].Trim('"') };
    }

    public long[] Ints(string name) =>
        FindRaw(name) is { } value
            ? [.. Expect(name, value, AttrValue.ValueOneofCase.List).List.I]
            : [.. DefaultList(name).Select(item => long.Parse(item, CultureInfo.InvariantCulture))];

    public float[] Floats(string name) =>
        FindRaw(name) is { } value
            ? [.. Expect(name, value, AttrValue.ValueOneofCase.List).List.F]
            : [.. DefaultList(name).Select(ParseFloat)];

    public string[] Strings(string name) =>
        FindRaw(name) is { } value
            ? [.. Expect(name, value, AttrValue.ValueOneofCase.List).List.S.Select(item => item.ToStringUtf8())]
            : [.. DefaultList(name).Select(item => item.Trim('"'))];

    public DType[] Types(string name) =>
        FindRaw(name) is { } value
            ? [.. Expect(name, value, AttrValue.ValueOneofCase.List).List.Type.Select(item => DTypes.BaseOf((int)item))]
            : [.. DefaultList(name).Select(OpDefinitionParser.ParseType)];

    public PartialShape[] Shapes(string name) =>
        FindRaw(name) is { } value
            ? [.. Expect(name, value, AttrValue.ValueOneofCase.List).List.Shape.Select(PartialShape.FromProto)]
            : [.. DefaultList(name).Select(PartialShape.Parse)];

    public IReadOnlyList<NameAttrList> Functions(string name) =>
        FindRaw(name) is { } value ? Expect(name, value, AttrValue.ValueOneofCase.List).List.Func : [];

    private static float ParseFloat(string text) =>
        text switch
        {
            "inf" => float.PositiveInfinity,
            "-inf" => float.NegativeInfinity,
            "nan" => float.NaN,
            _ => float.Parse(text, CultureInfo.InvariantCulture),
        };

    /// <summary>An unset value counts as an empty list: that is how a list without elements may be written.</summary>
    private static AttrValue Expect(string name, AttrValue value, AttrValue.ValueOneofCase kind)
    {
        if (value.ValueCase == kind)
        {
            return value;
        }

        if (value.ValueCase == AttrValue.ValueOneofCase.None && kind == AttrValue.ValueOneofCase.List)
        {
            return new AttrValue { List = new AttrValue.Types.ListValue() };
        }

        throw StatusException.InvalidArgument(
            $"AttrValue had value with type '{KindName(value)}' when '{KindName(kind)}' expected\n\t for attr '{name}'");
    }

    private static string KindName(AttrValue value) => KindName(value.ValueCase);

    private static string KindName(AttrValue.ValueOneofCase kind) =>
        kind switch
        {
            AttrValue.ValueOneofCase.S => "string",
            AttrValue.ValueOneofCase.I => "int",
            AttrValue.ValueOneofCase.F => "float",
            AttrValue.ValueOneofCase.B => "bool",
            AttrValue.ValueOneofCase.Type => "type",
            AttrValue.ValueOneofCase.Shape => "shape",
            AttrValue.ValueOneofCase.Tensor => "tensor",
            AttrValue.ValueOneofCase.List => "list",
            AttrValue.ValueOneofCase.Func => "func",
            _ => "none",
        };

    private static StatusException Missing(string name) => StatusException.NotFound($"No attr named '{name}' in NodeDef:");

    private string DefaultOf(string name) => _definition?.FindAttribute(name)?.Default ?? throw Missing(name);

    private List<string> DefaultList(string name) => OpDefinitionParser.SplitList(DefaultOf(name));
}
