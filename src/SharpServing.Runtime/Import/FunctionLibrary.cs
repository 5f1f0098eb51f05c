using Google.Protobuf.Collections;
using SharpServing.Runtime.OpDefs;
using SharpServing.Tensors;
using Tensorflow;

namespace SharpServing.Runtime.Import;

/// <summary>The functions of a GraphDef by name.</summary>
internal sealed class FunctionLibrary
{
    private readonly Dictionary<string, FunctionDef> _functions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, OpDefinition> _definitions = new(StringComparer.Ordinal);

    /// <exception cref="StatusException">INVALID_ARGUMENT: two different functions have one name, or a function has an op's name.</exception>
    public FunctionLibrary(FunctionDefLibrary library)
    {
        foreach (FunctionDef function in library.Function)
        {
            string name = function.Signature.Name;
            if (OpDefinitionTable.Find(name) is not null)
            {
                throw StatusException.InvalidArgument($"Cannot add function '{name}' because an op with the same name already exists.");
            }

            if (!_functions.TryAdd(name, function) && !_functions[name].Equals(function))
            {
                throw StatusException.InvalidArgument($"Cannot add function '{name}' because a different function with the same name already exists.");
            }
        }
    }

    public FunctionDef? Find(string name) => _functions.GetValueOrDefault(name);

    public IEnumerable<FunctionDef> All => _functions.Values;

    /// <summary>A function's signature as an op definition, for nodes whose op is the function's name.</summary>
    public OpDefinition? FindDefinition(string name)
    {
        if (!_functions.TryGetValue(name, out FunctionDef? function))
        {
            return null;
        }

        lock (_definitions)
        {
            if (!_definitions.TryGetValue(name, out OpDefinition? definition))
            {
                definition = ToDefinition(function.Signature);
                _definitions.Add(name, definition);
            }

            return definition;
        }
    }

    /// <summary>Dtypes of a function's arguments and results for a call with these attributes.</summary>
    public (DType[] Arguments, DType[] Results) TypesOf(FunctionDef function, MapField<string, AttrValue> bindings)
    {
        OpDefinition signature = FindDefinition(function.Signature.Name)!;
        var attributes = new Attributes.AttributeMap(bindings, signature);
        return (NodeMaker.ExpandTypes(signature.Inputs, attributes), NodeMaker.ExpandTypes(signature.Outputs, attributes));
    }

    private static OpDefinition ToDefinition(OpDef signature) =>
        new()
        {
            Name = signature.Name,
            Inputs = [.. signature.InputArg.Select(ToArgument)],
            Outputs = [.. signature.OutputArg.Select(ToArgument)],
            Attributes = [.. signature.Attr.Select(attribute => new OpAttribute { Name = attribute.Name, Type = attribute.Type })],
            IsStateful = signature.IsStateful,
        };

    private static OpArgument ToArgument(OpDef.Types.ArgDef argument) =>
        new()
        {
            Name = argument.Name,
            Type = DTypes.BaseOf((int)argument.Type),
            TypeAttribute = NullIfEmpty(argument.TypeAttr),
            TypeListAttribute = NullIfEmpty(argument.TypeListAttr),
            NumberAttribute = NullIfEmpty(argument.NumberAttr),
            IsReference = argument.IsRef,
        };

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;
}
