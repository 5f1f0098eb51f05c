using System.Runtime.CompilerServices;

namespace SharpServing.Server.Rest.Json;

/// <summary>One value of a <see cref="JsonDocument"/>; valid until the document starts its next text.</summary>
internal readonly struct JsonValue
{
    private readonly JsonDocument _document;
    private readonly int _word;

    internal JsonValue(JsonDocument document, int word)
    {
        _document = document;
        _word = word;
    }

    public JsonKind Kind => _document.KindAt(_word);

    public bool IsObject => Kind == JsonKind.Object;

    public bool IsArray => Kind == JsonKind.Array;

    public bool IsNumber => Kind >= JsonKind.Int64;

    /// <summary>Elements of an array, members of an object.</summary>
    public int Count => (int)_document.WordAt(_word + 1);

    public ReadOnlySpan<byte> String => _document.StringAt(_word);

    public long Int64 => (long)_document.WordAt(_word + 1);

    public ulong UInt64 => _document.WordAt(_word + 1);

    /// <summary>Any number as a double.</summary>
    public double Double => Kind switch
    {
        JsonKind.Int64 => Int64,
        JsonKind.UInt64 => UInt64,
        _ => BitConverter.UInt64BitsToDouble(UInt64),
    };

    /// <summary>First element of an array, name of the first member of an object.</summary>
    public JsonValue First => new(_document, _word + 2);

    /// <summary>The value that follows this one in the text.</summary>
    public JsonValue Next
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(_document, _document.NextOf(_word));
    }

    /// <summary>As error texts name it.</summary>
    public string KindName => Kind switch
    {
        JsonKind.Null => "Null",
        JsonKind.False => "False",
        JsonKind.True => "True",
        JsonKind.Object => "Object",
        JsonKind.Array => "Array",
        JsonKind.String => "String",
        _ => "Number",
    };

    /// <summary>The first member of that name.</summary>
    public bool TryGetMember(ReadOnlySpan<byte> name, out JsonValue value)
    {
        JsonValue member = First;
        for (int i = Count; i > 0; i--)
        {
            value = member.Next;
            if (member.String.SequenceEqual(name))
            {
                return true;
            }

            member = value.Next;
        }

        value = default;
        return false;
    }
}
