using Google.Protobuf.Reflection;

namespace SharpServing.Protos.Text;

/// <summary>What the fields of one pair of braces are written to: a message, or an entry of a map (which has no class of its own).</summary>
internal interface ITextFormatTarget
{
    MessageDescriptor Descriptor { get; }

    /// <summary>True when a field that is not repeated holds something: set, or, without presence, not its default.</summary>
    bool Has(FieldDescriptor field);

    /// <summary>The member of a oneof that is set.</summary>
    FieldDescriptor? CaseOf(OneofDescriptor oneof);

    /// <summary>Sets, or appends to a repeated field. Enums come as <see langword="int"/>, messages as themselves.</summary>
    void Put(FieldDescriptor field, object value);
}
