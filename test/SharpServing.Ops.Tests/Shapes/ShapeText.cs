using System.Globalization;
using SharpServing.Runtime.Attributes;
using SharpServing.Runtime.Graphs;
using SharpServing.Runtime.OpDefs;
using SharpServing.Runtime.Shapes;
using SharpServing.Tensors;
using Tensorflow;

namespace SharpServing.Ops.Tests.Shapes;

/// <summary>
/// One node from text. Inputs, apart by blanks: <c>[2,?]</c> a float of that shape, <c>?</c> of any, <c>{1,?}</c> an int32 vector of that an
/// element is not known, <c>=5</c> an int32 scalar, <c>{{1,2},{3,4}}</c> a constant matrix. Attributes: <c>name=value</c>, lists with commas.
/// </summary>
internal static class ShapeText
{
    /// <returns>Of each output what is known: its elements where the function states them, else its shape.</returns>
    public static string Infer(string op, string attributes, string inputs, int outputs)
    {
        using var scope = new Values();
        Node node = MakeNode(op, attributes, outputs);
        var inference = new ShapeInference(OpCatalog.Registry);
        foreach (string input in inputs.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            bool isInteger = input[0] is '{' or '=';
            Node argument = Graph.MakeArgument("x", node.Inputs.Count, isInteger ? DType.Int32 : DType.Float);
            node.Inputs.Add(argument.Output(0));
            if (input.StartsWith("{{", StringComparison.Ordinal))
            {
                inference.SetValue(argument.Output(0), scope.Keep(Matrix(input)));
            }
            else if (isInteger)
            {
                long?[] elements = Elements(input.Trim('{', '}', '='));
                inference.SetIntegers(argument.Output(0), input[0] == '=' ? PartialIntegers.Scalar(elements[0]) : PartialIntegers.Vector(elements));
            }
            else if (input != "?")
            {
                inference.SetShape(argument.Output(0), new PartialShape(System.Array.ConvertAll(Elements(input.Trim('[', ']')), size => size ?? -1)));
            }
        }

        inference.Infer(node);
        return string.Join(' ', Enumerable.Range(0, outputs).Select(i => Describe(inference, node.Output(i))));
    }

    private static string Describe(ShapeInference inference, Runtime.Graphs.NodeOutput output)
    {
        if (inference.IntegersOf(output) is { } value && value.Elements.Any(element => element is not null))
        {
            string elements = string.Join(',', value.Elements.Select(element => element?.ToString(CultureInfo.InvariantCulture) ?? "?"));
            return value.IsScalar ? $"={elements}" : $"{{{elements}}}";
        }

        PartialShape shape = inference.ShapeOf(output);
        return shape.HasRank ? shape.ToString() : "?";
    }

    private static Node MakeNode(string op, string attributes, int outputs)
    {
        OpDefinition definition = OpDefinitionTable.Find(op)!;
        var map = new AttributeMap([], definition);
        foreach (string item in attributes.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] parts = item.Split('=', 2);
            map.Values[parts[0]] = Attribute(parts[1]);
        }

        // What the elements of a shape would be; a float keeps them from being stated.
        bool isInteger = op is not ("MatMul" or "Conv2D");
        return new Node("node", definition, map, [.. Enumerable.Repeat(isInteger ? DType.Int32 : DType.Float, outputs)]);
    }

    private static AttrValue Attribute(string text)
    {
        if (text is "true" or "false")
        {
            return new AttrValue { B = text == "true" };
        }

        if (text.Contains(',', StringComparison.Ordinal) && text.All(c => char.IsDigit(c) || c is ',' or '-'))
        {
            var list = new AttrValue.Types.ListValue();
            list.I.Add(text.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(item => long.Parse(item, CultureInfo.InvariantCulture)));
            return new AttrValue { List = list };
        }

        return long.TryParse(text, CultureInfo.InvariantCulture, out long number)
            ? new AttrValue { I = number }
            : new AttrValue { S = Google.Protobuf.ByteString.CopyFromUtf8(text) };
    }

    private static long?[] Elements(string text) =>
        [.. text.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(item => item == "?" ? null : (long?)long.Parse(item, CultureInfo.InvariantCulture))];

    private static Tensor Matrix(string text)
    {
        string[] rows = text[2..^2].Split("},{");
        int[] values = [.. rows.SelectMany(row => row.Split(',')).Select(item => int.Parse(item, CultureInfo.InvariantCulture))];
        return Tensor.FromArray<int>(values, new Shape(rows.Length, values.Length / rows.Length));
    }

    private sealed class Values : IDisposable
    {
        private readonly List<Tensor> _held = [];

        public Tensor Keep(Tensor value)
        {
            _held.Add(value);
            return value;
        }

        public void Dispose() => _held.ForEach(value => value.Release());
    }
}
