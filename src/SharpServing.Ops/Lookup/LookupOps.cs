using SharpServing.Ops.State;
using SharpServing.Runtime.Attributes;
using SharpServing.Runtime.Execution;
using SharpServing.Runtime.Registry;
using SharpServing.Runtime.Resources;
using SharpServing.Runtime.Shapes;
using SharpServing.Tensors;

namespace SharpServing.Ops.Lookup;

/// <summary>
/// Hash tables of both generations: a V1 node hands its table on as a reference, a V2 node as a resource; both are a
/// <see cref="ResourceHandle"/> here.
/// </summary>
internal static class LookupOps
{
    public static void Register(OpRegistry registry)
    {
        foreach (string version in (string[])["", "V2"])
        {
            registry.Add($"HashTable{version}", ShapeFunctions.Scalars, static builder => MakeHandle(builder, isMutable: false), OpTraits.ConstantHandle);
            registry.Add($"MutableHashTable{version}", ShapeFunctions.Scalars, static builder => MakeHandle(builder, isMutable: true), OpTraits.ConstantHandle);
            registry.Add($"MutableHashTableOfTensors{version}", ShapeFunctions.Scalars, static builder => MakeHandle(builder, isMutable: true), OpTraits.ConstantHandle);
            registry.Add($"InitializeTable{version}", ShapeFunctions.NoOutput, static context => Initialize(context), OpTraits.WritesResource);
            registry.Add($"InitializeTableFromTextFile{version}", ShapeFunctions.NoOutput, static builder => new TextFileTableKernel(builder), OpTraits.WritesResource);
            registry.Add($"LookupTableFind{version}", LookupShapes.Find, static context => Find(context), OpTraits.NoFold);
            registry.Add($"LookupTableSize{version}", ShapeFunctions.Scalars, static context =>
                context.SetOutput(0, Tensor.FromScalar(Table(context).Count)), OpTraits.NoFold);
            registry.Add($"LookupTableExport{version}", ShapeFunctions.Unknown, static context => Export(context), OpTraits.NoFold);
            registry.Add($"LookupTableImport{version}", ShapeFunctions.NoOutput, static context => Insert(context, clear: true), OpTraits.WritesResource);
            registry.Add($"LookupTableInsert{version}", ShapeFunctions.NoOutput, static context => Insert(context, clear: false), OpTraits.WritesResource);
        }

        registry.Add("LookupTableRemoveV2", ShapeFunctions.NoOutput, static context => Remove(context), OpTraits.WritesResource);
    }

    /// <summary>The table of input 0.</summary>
    public static LookupTable Table(OpContext context)
    {
        ResourceHandle handle = VariableOps.Handle(context, 0);
        return handle.Resource as LookupTable
            ?? throw StatusException.NotFound($"Resource {handle.Container}/{handle.Name}/{handle.Kind} does not exist.");
    }

    /// <exception cref="StatusException">INVALID_ARGUMENT: the table of input 0 is a mutable one.</exception>
    public static LookupTable InitializableTable(OpContext context)
    {
        LookupTable table = Table(context);
        if (table.IsMutable)
        {
            ResourceHandle handle = VariableOps.Handle(context, 0);
            throw StatusException.InvalidArgument($"Table {handle.Container} {handle.Name} is not initializable");
        }

        return table;
    }

    private static OpKernel MakeHandle(KernelBuilder builder, bool isMutable)
    {
        AttributeMap attributes = builder.Attributes;
        DType keyType = attributes.Type("key_dtype");
        DType valueType = attributes.Type("value_dtype");
        if (keyType is not (DType.String or DType.Int32 or DType.Int64))
        {
            return builder.UnsupportedType(keyType);
        }

        if (valueType is not (DType.String or DType.Int32 or DType.Int64 or DType.Float or DType.Double or DType.Bool))
        {
            return builder.UnsupportedType(valueType);
        }

        Shape valueShape = Shape.Scalar;
        if (attributes.Has("value_shape") && !attributes.Shape("value_shape").TryToShape(out valueShape))
        {
            builder.Unsupported("a table with values of unknown shape");
        }

        if (valueType == DType.String && valueShape.Rank > 0)
        {
            builder.Unsupported("a table of string tensors");
        }

        string name = attributes.String("shared_name") is { Length: > 0 } shared ? shared : builder.Node.Name;
        ResourceHandle handle = builder.Session.Handle(attributes.String("container"), name, ResourceKinds.Table);
        LookupTable table = handle.GetOrCreate(() => new LookupTable(keyType, valueType, valueShape, isMutable));
        DType output = builder.OutputType(0);
        return new LambdaKernel(context =>
        {
            if (table.KeyType != keyType || table.ValueType != valueType)
            {
                throw StatusException.InvalidArgument(
                    $"Conflicting key/value dtypes {keyType.ToName()}->{valueType.ToName()} with {table.KeyType.ToName()}-{table.ValueType.ToName()} for table {name}");
            }

            context.SetOutput(0, Tensor.FromObject(output, handle));
        });
    }

    private static void CheckSignature(OpContext context, LookupTable table, string outputs, string expectedOutputs)
    {
        string handle = context.Input(0).DType == DType.Resource ? "resource" : "string_ref";
        bool matches = context.Input(1).DType == table.KeyType;
        string have = $"{handle}, {context.Input(1).DType.ToName()}";
        string expected = $"{handle}, {table.KeyType.ToName()}";
        if (context.InputCount > 2)
        {
            matches &= context.Input(2).DType == table.ValueType;
            have += $", {context.Input(2).DType.ToName()}";
            expected += $", {table.ValueType.ToName()}";
        }

        if (!matches)
        {
            throw StatusException.InvalidArgument($"Signature mismatch, have: {have}->{outputs} expected: {expected}->{expectedOutputs}");
        }
    }

    private static void Find(OpContext context)
    {
        LookupTable table = Table(context);
        CheckSignature(context, table, context.OutputType(0).ToName(), table.ValueType.ToName());
        context.SetOutput(0, table.Find(context.Input(1), context.Input(2)));
    }

    private static void Initialize(OpContext context)
    {
        LookupTable table = InitializableTable(context);
        CheckSignature(context, table, "", "");
        Tensor keys = context.Input(1);
        Tensor values = context.Input(2);
        if (keys.Rank != 1)
        {
            throw StatusException.InvalidArgument($"Keys must be a vector, but received shape{keys.Shape}");
        }

        if (values.Rank != 1)
        {
            throw StatusException.InvalidArgument($"Values must be a vector, but received shape{values.Shape}");
        }

        if (keys.ElementCount != values.ElementCount)
        {
            throw StatusException.InvalidArgument(
                $"Keys and values must have the same size but received {keys.ElementCount} keys and {values.ElementCount} values");
        }

        table.Initialize(keys, values);
    }

    private static void CheckValues(LookupTable table, Tensor keys, Tensor values)
    {
        Shape expected = new([.. keys.Shape.Dimensions, .. table.ValueShape.Dimensions]);
        if (values.Shape != expected)
        {
            throw StatusException.InvalidArgument($"Expected shape {expected} for value, got {values.Shape}");
        }
    }

    private static void Insert(OpContext context, bool clear)
    {
        LookupTable table = Table(context);
        CheckSignature(context, table, "", "");
        Tensor keys = context.Input(1);
        Tensor values = context.Input(2);
        CheckValues(table, keys, values);
        if (table.IsMutable)
        {
            table.Insert(keys, values, clear);
        }
        else if (clear)
        {
            table.Initialize(keys, values);
        }
        else
        {
            throw StatusException.Unimplemented("Insert not supported by InitializableLookupTable implementations");
        }
    }

    private static void Remove(OpContext context)
    {
        LookupTable table = Table(context);
        CheckSignature(context, table, "", "");
        if (!table.IsMutable)
        {
            throw StatusException.Unimplemented("Remove not supported by InitializableLookupTable implementations");
        }

        table.Remove(context.Input(1));
    }

    private static void Export(OpContext context)
    {
        (Tensor keys, Tensor values) = Table(context).Export();
        context.SetOutput(0, keys);
        context.SetOutput(1, values);
    }
}
