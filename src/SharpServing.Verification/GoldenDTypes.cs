using SharpServing.Tensors;

namespace SharpServing.Verification;

/// <summary>Names of types as TensorFlow's Python gives them (<c>tf.as_dtype(x).name</c>).</summary>
internal static class GoldenDTypes
{
    private const string ReferenceSuffix = "_ref";

    /// <summary>A reference type counts as its base type.</summary>
    /// <exception cref="FormatException">An unknown name.</exception>
    public static DType Parse(string name)
    {
        if (name.EndsWith(ReferenceSuffix, StringComparison.Ordinal))
        {
            name = name[..^ReferenceSuffix.Length];
        }

        return name switch
        {
            "float32" => DType.Float,
            "float64" => DType.Double,
            "float16" => DType.Half,
            _ => ParseByName(name),
        };
    }

    private static DType ParseByName(string name)
    {
        for (var type = DType.Float; type <= DType.UInt2; type++)
        {
            if (type.ToName() == name)
            {
                return type;
            }
        }

        throw new FormatException($"\"{name}\" is no name of a type.");
    }
}
