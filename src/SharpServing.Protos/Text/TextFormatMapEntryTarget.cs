using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace SharpServing.Protos.Text;

/// <summary>Collects <c>key</c> and <c>value</c> of one entry of a map; what is left out has its default.</summary>
internal sealed class TextFormatMapEntryTarget : ITextFormatTarget
{
    private object? _key;
    private object? _value;

    public TextFormatMapEntryTarget(MessageDescriptor descriptor) => Descriptor = descriptor;

    public MessageDescriptor Descriptor { get; }

    public object Key => _key ?? DefaultOf(Descriptor.FindFieldByNumber(1));

    public object Value => _value ?? DefaultOf(Descriptor.FindFieldByNumber(2));

    public bool Has(FieldDescriptor field) => (field.FieldNumber == 1 ? _key : _value) is not null;

    public FieldDescriptor? CaseOf(OneofDescriptor oneof) => null;

    public void Put(FieldDescriptor field, object value)
    {
        if (field.FieldNumber == 1)
        {
            _key = value;
        }
        else
        {
            _value = value;
        }
    }

    private static object DefaultOf(FieldDescriptor field) => field.FieldType switch
    {
        FieldType.String => "",
        FieldType.Bytes => ByteString.Empty,
        FieldType.Bool => false,
        FieldType.Int32 or FieldType.SInt32 or FieldType.SFixed32 or FieldType.Enum => 0,
        FieldType.UInt32 or FieldType.Fixed32 => 0u,
        FieldType.Int64 or FieldType.SInt64 or FieldType.SFixed64 => 0L,
        FieldType.UInt64 or FieldType.Fixed64 => 0UL,
        FieldType.Float => 0f,
        FieldType.Double => 0d,
        _ => field.MessageType.Parser.ParseFrom(ByteString.Empty),
    };
}
