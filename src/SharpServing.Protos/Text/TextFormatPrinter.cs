using System.Collections;
using System.Globalization;
using System.Text;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace SharpServing.Protos.Text;

/// <summary>
/// Writes a message in protobuf's text format as its C++ <c>DebugString</c> does: two blanks a level, fields by number, maps by key,
/// strings with every byte beyond ASCII as an octal escape. What was unknown when the message was read is left out.
/// </summary>
internal static class TextFormatPrinter
{
    public static string Print(IMessage message)
    {
        var text = new StringBuilder();
        AppendFields(text, message, "");
        return text.ToString();
    }

    private static void AppendFields(StringBuilder text, IMessage message, string indent)
    {
        foreach (FieldDescriptor field in message.Descriptor.Fields.InFieldNumberOrder())
        {
            object? value = field.Accessor.GetValue(message);
            if (field.IsMap)
            {
                AppendMap(text, field, (IDictionary)value, indent);
            }
            else if (field.IsRepeated)
            {
                foreach (object element in (IList)value)
                {
                    AppendField(text, field, element, indent);
                }
            }
            else if (IsSet(message, field, value))
            {
                AppendField(text, field, value!, indent);
            }
        }
    }

    private static bool IsSet(IMessage message, FieldDescriptor field, object? value)
    {
        if (field.HasPresence)
        {
            return field.Accessor.HasValue(message);
        }

        return value is not null && !IsDefault(value);
    }

    private static bool IsDefault(object value) => value switch
    {
        string s => s.Length == 0,
        ByteString b => b.IsEmpty,
        bool b => !b,
        double d => BitConverter.DoubleToInt64Bits(d) == 0,
        float f => BitConverter.SingleToInt32Bits(f) == 0,
        ulong u => u == 0,
        _ => Convert.ToInt64(value, CultureInfo.InvariantCulture) == 0,
    };

    private static void AppendMap(StringBuilder text, FieldDescriptor field, IDictionary map, string indent)
    {
        FieldDescriptor key = field.MessageType.FindFieldByNumber(1);
        FieldDescriptor value = field.MessageType.FindFieldByNumber(2);
        var keys = new List<object>();
        foreach (object name in map.Keys)
        {
            keys.Add(name);
        }

        keys.Sort(static (left, right) => left is string a && right is string b ? string.CompareOrdinal(a, b) : Comparer.DefaultInvariant.Compare(left, right));
        foreach (object name in keys)
        {
            text.Append(indent).Append(field.Name).Append(" {\n");
            AppendField(text, key, name, indent + "  ");
            AppendField(text, value, map[name]!, indent + "  ");
            text.Append(indent).Append("}\n");
        }
    }

    private static void AppendField(StringBuilder text, FieldDescriptor field, object value, string indent)
    {
        text.Append(indent).Append(field.Name);
        if (value is IMessage message)
        {
            text.Append(" {\n");
            AppendFields(text, message, indent + "  ");
            text.Append(indent).Append("}\n");
            return;
        }

        if (field.FieldType == FieldType.Message)
        {
            // A wrapper of google.protobuf: C# shows what is in it.
            FieldDescriptor inner = field.MessageType.FindFieldByNumber(1);
            text.Append(" {\n");
            if (!IsDefault(value))
            {
                AppendField(text, inner, value, indent + "  ");
            }

            text.Append(indent).Append("}\n");
            return;
        }

        text.Append(": ");
        AppendScalar(text, field, value);
        text.Append('\n');
    }

    private static void AppendScalar(StringBuilder text, FieldDescriptor field, object value)
    {
        switch (value)
        {
            case string s:
                AppendQuoted(text, Encoding.UTF8.GetBytes(s));
                break;
            case ByteString bytes:
                AppendQuoted(text, bytes.Span);
                break;
            case bool b:
                text.Append(b ? "true" : "false");
                break;
            case float f:
                text.Append(f.ToString("R", CultureInfo.InvariantCulture).ToLowerInvariant());
                break;
            case double d:
                text.Append(d.ToString("R", CultureInfo.InvariantCulture).ToLowerInvariant());
                break;
            default:
                text.Append(field.FieldType == FieldType.Enum ? NameOf(field.EnumType, value) : Convert.ToString(value, CultureInfo.InvariantCulture));
                break;
        }
    }

    private static string NameOf(EnumDescriptor type, object value)
    {
        int number = Convert.ToInt32(value, CultureInfo.InvariantCulture);
        return type.FindValueByNumber(number)?.Name ?? number.ToString(CultureInfo.InvariantCulture);
    }

    private static void AppendQuoted(StringBuilder text, ReadOnlySpan<byte> bytes)
    {
        text.Append('"');
        foreach (byte b in bytes)
        {
            switch (b)
            {
                case (byte)'\n':
                    text.Append("\\n");
                    break;
                case (byte)'\r':
                    text.Append("\\r");
                    break;
                case (byte)'\t':
                    text.Append("\\t");
                    break;
                case (byte)'"' or (byte)'\'' or (byte)'\\':
                    text.Append('\\').Append((char)b);
                    break;
                case >= 0x20 and < 0x7F:
                    text.Append((char)b);
                    break;
                default:
                    text.Append('\\').Append((char)('0' + (b >> 6))).Append((char)('0' + ((b >> 3) & 7))).Append((char)('0' + (b & 7)));
                    break;
            }
        }

        text.Append('"');
    }
}
