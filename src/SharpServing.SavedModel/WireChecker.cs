using System.Text.Unicode;
using Google.Protobuf.Reflection;

namespace SharpServing.SavedModel;

/// <summary>
/// Walks over a serialized message before it is parsed, and refuses what protobuf's C++ parser refuses: also text that is not UTF-8
/// (which the C# parser lets through) and nesting beyond 100. Tells apart faults found inside the data and faults that are an end of
/// data, since TensorFlow's status does.
/// <para>Allocates nothing that depends on the data.</para>
/// </summary>
internal ref struct WireChecker
{
    /// <summary>Messages and groups inside each other; protobuf's default.</summary>
    private const int RecursionLimit = 100;

    /// <summary>The C++ parser asks for the next block when fewer bytes than these are left.</summary>
    private const int SlopBytes = 16;

    private readonly ReadOnlySpan<byte> _data;
    private readonly Dictionary<MessageDescriptor, Dictionary<int, FieldDescriptor>> _fields = [];
    private int _at;
    private int _depth;
    private WireCheck _fault;

    private WireChecker(ReadOnlySpan<byte> data) => _data = data;

    public static WireCheck Check(ReadOnlySpan<byte> data, MessageDescriptor type)
    {
        var checker = new WireChecker(data);
        return checker.ReadMessage(type, long.MaxValue, groupNumber: 0) ? WireCheck.Valid : checker._fault;
    }

    /// <param name="end">First byte behind the message; beyond the data for the outermost one and for one cut short.</param>
    /// <param name="groupNumber">Not 0: a group, which ends at its own end tag.</param>
    private bool ReadMessage(MessageDescriptor? type, long end, int groupNumber)
    {
        Dictionary<int, FieldDescriptor>? fields = type is null ? null : FieldsOf(type);
        while (true)
        {
            if (_at == end || (_at == _data.Length && end == long.MaxValue))
            {
                return groupNumber == 0 || Fail();
            }

            if (_at > end)
            {
                return Fail();
            }

            bool read = ReadVarint(out ulong tag);
            if (read && tag == 0)
            {
                return FailAtEndTag();
            }

            if (!read || tag > uint.MaxValue || tag >> 3 == 0)
            {
                return Fail();
            }

            int number = (int)(tag >> 3);
            int wireType = (int)(tag & 7);
            if (wireType == 4)
            {
                return number == groupNumber || FailAtEndTag();
            }

            FieldDescriptor? field = null;
            fields?.TryGetValue(number, out field);
            if (!ReadField(field, number, wireType, end))
            {
                return false;
            }
        }
    }

    private bool ReadField(FieldDescriptor? field, int number, int wireType, long end)
    {
        switch (wireType)
        {
            case 0:
                return ReadVarint(out _) || Fail();
            case 1:
                return Skip(sizeof(ulong));
            case 2:
                return ReadLengthDelimited(field, end);
            case 3:
                if (++_depth > RecursionLimit)
                {
                    return Fail();
                }

                bool read = ReadMessage(null, end, number);
                _depth--;
                return read;
            case 5:
                return Skip(sizeof(uint));
            default:
                return Fail();
        }
    }

    private bool ReadLengthDelimited(FieldDescriptor? field, long end)
    {
        if (!ReadVarint(out ulong length) || length > int.MaxValue - SlopBytes)
        {
            return Fail();
        }

        if (field?.FieldType == FieldType.Message)
        {
            if (++_depth > RecursionLimit)
            {
                return Fail();
            }

            bool read = ReadMessage(field.MessageType, _at + (long)length, groupNumber: 0);
            _depth--;
            return read;
        }

        if (length > (ulong)(_data.Length - _at))
        {
            // Bytes of a message that lies whole in the data are refused without asking for more.
            _fault = end <= _data.Length ? WireCheck.Malformed : WireCheck.EndOfData;
            return false;
        }

        ReadOnlySpan<byte> bytes = _data.Slice(_at, (int)length);
        if (field?.FieldType == FieldType.String && !Utf8.IsValid(bytes))
        {
            return Fail();
        }

        if (field is { IsRepeated: true } && !CheckPacked(field.FieldType, bytes))
        {
            return Fail();
        }

        _at += (int)length;
        return true;
    }

    private static bool CheckPacked(FieldType type, ReadOnlySpan<byte> bytes)
    {
        switch (type)
        {
            case FieldType.Double or FieldType.Fixed64 or FieldType.SFixed64:
                return bytes.Length % sizeof(ulong) == 0;
            case FieldType.Float or FieldType.Fixed32 or FieldType.SFixed32:
                return bytes.Length % sizeof(uint) == 0;
            case FieldType.String or FieldType.Bytes or FieldType.Group:
                return true;
            default:
                int at = 0;
                while (at < bytes.Length)
                {
                    if (!TryReadVarint(bytes, ref at, out _))
                    {
                        return false;
                    }
                }

                return true;
        }
    }

    private bool ReadVarint(out ulong value) => TryReadVarint(_data, ref _at, out value);

    private static bool TryReadVarint(ReadOnlySpan<byte> data, ref int at, out ulong value)
    {
        value = 0;
        for (int shift = 0; shift < 70 && at < data.Length; shift += 7)
        {
            byte b = data[at++];
            value |= (ulong)(b & 0x7F) << shift;
            if (b < 0x80)
            {
                return true;
            }
        }

        return false;
    }

    private bool Skip(int bytes)
    {
        if (bytes > _data.Length - _at)
        {
            _at = _data.Length;
            return Fail();
        }

        _at += bytes;
        return true;
    }

    /// <summary>A tag that ends the message where none may: the original looks for it before it asks for more.</summary>
    private bool FailAtEndTag()
    {
        _fault = WireCheck.Malformed;
        return false;
    }

    private bool Fail()
    {
        _fault = _at > _data.Length - SlopBytes ? WireCheck.EndOfData : WireCheck.Malformed;
        return false;
    }

    private readonly Dictionary<int, FieldDescriptor> FieldsOf(MessageDescriptor type)
    {
        if (!_fields.TryGetValue(type, out Dictionary<int, FieldDescriptor>? fields))
        {
            fields = [];
            foreach (FieldDescriptor field in type.Fields.InDeclarationOrder())
            {
                fields.Add(field.FieldNumber, field);
            }

            _fields.Add(type, fields);
        }

        return fields;
    }
}
