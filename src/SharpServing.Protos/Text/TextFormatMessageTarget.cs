using System.Collections;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace SharpServing.Protos.Text;

/// <summary>Writes into a generated message through its descriptors' accessors.</summary>
internal sealed class TextFormatMessageTarget : ITextFormatTarget
{
    private const string WrappersFile = "google/protobuf/wrappers.proto";

    private readonly IMessage _message;

    public TextFormatMessageTarget(IMessage message) => _message = message;

    public MessageDescriptor Descriptor => _message.Descriptor;

    public bool Has(FieldDescriptor field) =>
        field.HasPresence ? field.Accessor.HasValue(_message) : !IsDefault(field.Accessor.GetValue(_message));

    public FieldDescriptor? CaseOf(OneofDescriptor oneof) => oneof.Accessor.GetCaseFieldDescriptor(_message);

    public void Put(FieldDescriptor field, object value)
    {
        if (field.IsMap)
        {
            var entry = (TextFormatMapEntryTarget)value;
            ((IDictionary)field.Accessor.GetValue(_message))[entry.Key] = Unwrap(entry.Value);
        }
        else if (field.IsRepeated)
        {
            ((IList)field.Accessor.GetValue(_message)).Add(Unwrap(value));
        }
        else
        {
            field.Accessor.SetValue(_message, Unwrap(value));
        }
    }

    /// <summary>Generated code holds <c>google.protobuf.Int64Value</c> and its like as a nullable plain value.</summary>
    private static object Unwrap(object value) =>
        value is IMessage message && message.Descriptor.File.Name == WrappersFile
            ? message.Descriptor.Fields.InDeclarationOrder()[0].Accessor.GetValue(message)
            : value;

    private static bool IsDefault(object? value) => value switch
    {
        null => true,
        string text => text.Length == 0,
        ByteString bytes => bytes.IsEmpty,
        bool flag => !flag,
        int number => number == 0,
        uint number => number == 0,
        long number => number == 0,
        ulong number => number == 0,
        float number => BitConverter.SingleToInt32Bits(number) == 0,
        double number => BitConverter.DoubleToInt64Bits(number) == 0,
        Enum => (int)value == 0,
        _ => false,
    };
}
