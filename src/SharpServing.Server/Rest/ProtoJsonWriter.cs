using System.Collections;
using System.Globalization;
using System.Text;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace SharpServing.Server.Rest;

/// <summary>
/// Messages as protobuf's C++ <c>MessageToJsonString</c> prints them with white space, default values and the names of the .proto file:
/// one blank a level, fields by number, 64-bit integers quoted, a final newline.
/// </summary>
internal sealed class ProtoJsonWriter
{
    private readonly StringBuilder _text = new();
    private int _level;

    /// <summary>The text as UTF-8.</summary>
    public static byte[] Write(IMessage message)
    {
        var writer = new ProtoJsonWriter();
        writer.WriteMessage(message);
        writer._text.Append('\n');
        return StatusText.ToBytes(writer._text.ToString());
    }

    private static bool IsPresent(FieldDescriptor field, IMessage message, object? value)
    {
        if (field.IsRepeated)
        {
            return true;
        }

        return field.FieldType == FieldType.Message ? value is not null : !field.HasPresence || field.Accessor.HasValue(message);
    }

    private void WriteMessage(IMessage message)
    {
        bool any = false;
        _text.Append('{');
        _level++;
        foreach (FieldDescriptor field in message.Descriptor.Fields.InFieldNumberOrder())
        {
            object? value = field.Accessor.GetValue(message);
            if (IsPresent(field, message, value))
            {
                Separate(ref any);
                WriteText(field.Name);
                _text.Append(": ");
                WriteField(field, value!);
            }
        }

        Close(any, '}');
    }

    private void WriteField(FieldDescriptor field, object value)
    {
        bool any = false;
        if (field.IsMap)
        {
            _text.Append('{');
            _level++;
            FieldDescriptor item = field.MessageType.FindFieldByNumber(2);
            foreach (DictionaryEntry entry in (IDictionary)value)
            {
                Separate(ref any);
                WriteText(Convert.ToString(entry.Key, CultureInfo.InvariantCulture)!);
                _text.Append(": ");
                WriteValue(item, entry.Value!);
            }

            Close(any, '}');
        }
        else if (field.IsRepeated)
        {
            _text.Append('[');
            _level++;
            foreach (object? element in (IList)value)
            {
                Separate(ref any);
                WriteValue(field, element!);
            }

            Close(any, ']');
        }
        else
        {
            WriteValue(field, value);
        }
    }

    private void WriteValue(FieldDescriptor field, object value)
    {
        switch (value)
        {
            case IMessage message:
                WriteMessage(message);
                break;
            case string text:
                WriteText(text);
                break;
            case ByteString bytes:
                WriteText(bytes.ToBase64());
                break;
            case bool flag:
                _text.Append(flag ? "true" : "false");
                break;
            case long or ulong:
                _text.Append(CultureInfo.InvariantCulture, $"\"{value}\"");
                break;
            case int or uint:
                _text.Append(CultureInfo.InvariantCulture, $"{value}");
                break;
            case float number:
                WriteNumber(number, number.ToString("R", CultureInfo.InvariantCulture));
                break;
            case double number:
                WriteNumber(number, number.ToString("R", CultureInfo.InvariantCulture));
                break;
            default:
                WriteEnum(field, Convert.ToInt32(value, CultureInfo.InvariantCulture));
                break;
        }
    }

    private void WriteEnum(FieldDescriptor field, int number)
    {
        if (field.EnumType.FindValueByNumber(number) is { } known)
        {
            WriteText(known.Name);
        }
        else
        {
            _text.Append(CultureInfo.InvariantCulture, $"{number}");
        }
    }

    private void WriteNumber(double value, string text)
    {
        if (double.IsFinite(value))
        {
            // .NET writes 1E+20 and 1E-07 where C++ writes 1e+20 and 1e-07.
            _text.Append(text.Replace('E', 'e'));
        }
        else
        {
            WriteText(double.IsNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity");
        }
    }

    private void WriteText(string text)
    {
        _text.Append('"');
        foreach (char c in text)
        {
            switch (c)
            {
                case '"' or '\\':
                    _text.Append('\\').Append(c);
                    break;
                case '\b':
                    _text.Append("\\b");
                    break;
                case '\f':
                    _text.Append("\\f");
                    break;
                case '\n':
                    _text.Append("\\n");
                    break;
                case '\r':
                    _text.Append("\\r");
                    break;
                case '\t':
                    _text.Append("\\t");
                    break;
                case < ' ' or '<' or '>' or (>= '\u007F' and <= '\u009F') or '\u00AD' or (>= '\u200B' and <= '\u200F') or (>= '\u2028' and <= '\u202E') or '\uFEFF':
                    _text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
                    break;
                default:
                    _text.Append(c);
                    break;
            }
        }

        _text.Append('"');
    }

    private void Separate(ref bool any)
    {
        _text.Append(any ? ",\n" : "\n").Append(' ', _level);
        any = true;
    }

    private void Close(bool any, char bracket)
    {
        _level--;
        if (any)
        {
            _text.Append('\n').Append(' ', _level);
        }

        _text.Append(bracket);
    }
}
