using System.Buffers;
using System.Globalization;
using System.Text;

namespace SharpServing.EndToEnd.Tests;

/// <summary>
/// The JSON that TensorFlow Serving writes: NaN and infinities stand bare, strings may hold any bytes. Values are
/// <c>List&lt;object?&gt;</c>, <c>Dictionary&lt;string, object?&gt;</c>, <c>byte[]</c>, <see cref="JsonNumber"/>, <c>bool</c> and null.
/// </summary>
internal ref struct LooseJson
{
    private readonly ReadOnlySpan<byte> _text;
    private int _at;

    private LooseJson(ReadOnlySpan<byte> text) => _text = text;

    public static object? Parse(byte[] text)
    {
        var json = new LooseJson(text);
        object? value = json.Value();
        json.SkipBlanks();
        return json._at == text.Length ? value : throw json.Fault();
    }

    private object? Value()
    {
        SkipBlanks();
        switch (_text[_at])
        {
            case (byte)'{':
                return Object();
            case (byte)'[':
                return List();
            case (byte)'"':
                return String();
            default:
                int end = _text[_at..].IndexOfAny(",]} \n"u8);
                string word = Encoding.ASCII.GetString(end < 0 ? _text[_at..] : _text.Slice(_at, end));
                _at += word.Length;
                return word switch
                {
                    "true" => true,
                    "false" => false,
                    "null" => null,
                    _ => new JsonNumber(word),
                };
        }
    }

    private Dictionary<string, object?> Object()
    {
        var members = new Dictionary<string, object?>();
        _at++;
        while (!TryTake('}'))
        {
            if (members.Count > 0)
            {
                Take(',');
                SkipBlanks();
            }

            string name = Encoding.UTF8.GetString(String());
            Take(':');
            members.Add(name, Value());
        }

        return members;
    }

    private List<object?> List()
    {
        var items = new List<object?>();
        _at++;
        while (!TryTake(']'))
        {
            if (items.Count > 0)
            {
                Take(',');
            }

            items.Add(Value());
        }

        return items;
    }

    private byte[] String()
    {
        var bytes = new ArrayBufferWriter<byte>();
        Take('"');
        while (_text[_at] != '"')
        {
            byte next = _text[_at++];
            if (next != '\\')
            {
                bytes.Write([next]);
                continue;
            }

            char escaped = (char)_text[_at++];
            if (escaped == 'u')
            {
                string unit = ((char)ushort.Parse(_text.Slice(_at, 4), NumberStyles.HexNumber, CultureInfo.InvariantCulture)).ToString();
                bytes.Write(Encoding.UTF8.GetBytes(unit));
                _at += 4;
            }
            else
            {
                int index = "bfnrt".IndexOf(escaped, StringComparison.Ordinal);
                bytes.Write([(byte)(index < 0 ? escaped : "\b\f\n\r\t"[index])]);
            }
        }

        _at++;
        return bytes.WrittenSpan.ToArray();
    }

    private void Take(char sign)
    {
        if (!TryTake(sign))
        {
            throw Fault();
        }
    }

    private bool TryTake(char sign)
    {
        SkipBlanks();
        bool isThere = _at < _text.Length && _text[_at] == sign;
        _at += isThere ? 1 : 0;
        return isThere;
    }

    private void SkipBlanks()
    {
        while (_at < _text.Length && _text[_at] is (byte)' ' or (byte)'\n')
        {
            _at++;
        }
    }

    private readonly FormatException Fault() =>
        new(string.Create(CultureInfo.InvariantCulture, $"No JSON at byte {_at} of: {Encoding.Latin1.GetString(_text)}"));
}
