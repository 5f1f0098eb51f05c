using SharpServing.Protos.Inference;
using SharpServing.Tensors;

namespace SharpServing.Server.Services.Inference;

/// <summary>
/// What Classify and Regress have apart: which signatures they take, and what their outputs mean. Both feed one string vector of
/// serialized Examples. Stateless.
/// </summary>
internal abstract class InferenceMethod
{
    /// <summary>The input's alias.</summary>
    protected const string Inputs = "inputs";

    private static readonly ServingStatus NotOneInput = ServingStatus.InvalidArgument("Expected one input Tensor.");

    /// <summary>SignatureDef.method_name of such signatures, and the name in a task of MultiInference.</summary>
    public abstract string Name { get; }

    /// <summary>As metrics label it.</summary>
    public abstract string Api { get; }

    /// <summary>As texts call it.</summary>
    protected abstract string Noun { get; }

    /// <summary>The method of that name, or null.</summary>
    public static InferenceMethod? Find(string name) => name switch
    {
        MethodNames.Classify => ClassifyMethod.Instance,
        MethodNames.Regress => RegressMethod.Instance,
        _ => null,
    };

    /// <summary>Whether one of the methods may take the signature, so that a MultiInference may run it with others. No text tells why not.</summary>
    public static bool MayTake(Tensorflow.SignatureDef signature) =>
        signature.Inputs.Count == 1 && signature.Inputs.ContainsKey(Inputs)
        && (RegressMethod.Instance.TakesOutputs(signature) || ClassifyMethod.Instance.TakesOutputs(signature));

    /// <summary>Whether the signature is one of this method's, by its structure.</summary>
    /// <param name="checkName">Look at its method name first.</param>
    /// <param name="outputs">The aliases to ask for, in the order in which <see cref="Read"/> takes them.</param>
    public ServingStatus Check(SignatureModel signature, bool checkName, out string[] outputs)
    {
        outputs = [];
        if (checkName && signature.Definition.MethodName != Name)
        {
            return ServingStatus.InvalidArgument($"Expected {Noun} signature method_name to be {Name}. Was: {signature.Definition.MethodName}");
        }

        if (signature.Inputs.Length != 1)
        {
            return NotOneInput;
        }

        ServingStatus status = CheckOutputCount(signature.Outputs.Length);
        if (!status.IsOk)
        {
            return status;
        }

        return signature.Inputs[0].Alias == Inputs
            ? SelectOutputs(signature, out outputs)
            : Refuse($"No {Noun} inputs found in SignatureDef: ", signature);
    }

    /// <summary>Makes the answer of a run.</summary>
    /// <param name="examples">How many were fed.</param>
    /// <param name="aliases">Names of <paramref name="outputs"/>.</param>
    public abstract ServingStatus Read(long examples, string[] aliases, ReadOnlySpan<Tensor?> outputs, InferenceAnswer result);

    protected abstract ServingStatus CheckOutputCount(int count);

    /// <summary>Whether an output is one to read.</summary>
    protected abstract bool IsRead(string alias);

    protected abstract ServingStatus SelectOutputs(SignatureModel signature, out string[] outputs);

    protected static bool HasOutput(SignatureModel signature, string alias)
    {
        foreach (TensorBinding output in signature.Outputs)
        {
            if (output.Alias == alias)
            {
                return true;
            }
        }

        return false;
    }

    protected static ServingStatus Refuse(string text, SignatureModel signature) =>
        ServingStatus.InvalidArgument(text + Protos.Text.TextFormat.Print(signature.Definition));

    /// <summary><c>DT_INT64</c>.</summary>
    protected static string NameOf(DType type)
    {
        Google.Protobuf.Reflection.EnumDescriptor names = Tensorflow.TypesReflection.Descriptor.EnumTypes[0];
        return names.FindValueByNumber((int)type)?.Name ?? $"{(int)type}";
    }

    protected static string Text(FormattableString text) => text.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private bool TakesOutputs(Tensorflow.SignatureDef signature) => CheckOutputCount(signature.Outputs.Count).IsOk && signature.Outputs.Keys.Any(IsRead);
}
