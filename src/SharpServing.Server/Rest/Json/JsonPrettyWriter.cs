using System.Buffers;

namespace SharpServing.Server.Rest.Json;

/// <summary>
/// JSON laid out as RapidJSON's <c>PrettyWriter</c> does it: four blanks a level, <c>"key": value</c>, arrays over several lines or,
/// while <see cref="SingleLineArrays"/> is on, on one.
/// </summary>
internal sealed class JsonPrettyWriter
{
    private static readonly byte[] Blanks = [.. Enumerable.Repeat((byte)' ', 256)];

    private readonly IBufferWriter<byte> _output;
    private (bool InArray, int Values)[] _levels = new (bool, int)[16];
    private int _depth;

    public JsonPrettyWriter(IBufferWriter<byte> output) => _output = output;

    public bool SingleLineArrays { get; set; }

    public void StartObject() => Start((byte)'{', inArray: false);

    public void EndObject()
    {
        bool empty = _levels[--_depth].Values == 0;
        if (!empty)
        {
            NewLine();
        }

        _output.Write("}"u8);
    }

    public void StartArray() => Start((byte)'[', inArray: true);

    public void EndArray()
    {
        bool empty = _levels[--_depth].Values == 0;
        if (!empty && !SingleLineArrays)
        {
            NewLine();
        }

        _output.Write("]"u8);
    }

    public void WriteString(ReadOnlySpan<byte> text)
    {
        Prefix();
        JsonEscapes.WriteString(_output, text);
    }

    /// <summary>A number or a literal, as it is.</summary>
    public void WriteRaw(ReadOnlySpan<byte> text)
    {
        Prefix();
        _output.Write(text);
    }

    public void WriteNumber(float value)
    {
        Prefix();
        _output.Advance(NumberText.Write(value, _output.GetSpan(NumberText.MaxLength)));
    }

    public void WriteNumber(double value)
    {
        Prefix();
        _output.Advance(NumberText.Write(value, _output.GetSpan(NumberText.MaxLength)));
    }

    public void WriteNumber(long value)
    {
        Prefix();
        System.Buffers.Text.Utf8Formatter.TryFormat(value, _output.GetSpan(NumberText.MaxLength), out int length);
        _output.Advance(length);
    }

    public void WriteNumber(ulong value)
    {
        Prefix();
        System.Buffers.Text.Utf8Formatter.TryFormat(value, _output.GetSpan(NumberText.MaxLength), out int length);
        _output.Advance(length);
    }

    private void Start(byte bracket, bool inArray)
    {
        Prefix();
        if (_depth == _levels.Length)
        {
            Array.Resize(ref _levels, _depth * 2);
        }

        _levels[_depth++] = (inArray, 0);
        _output.Write([bracket]);
    }

    /// <summary>What stands between the last value and the next.</summary>
    private void Prefix()
    {
        if (_depth == 0)
        {
            return;
        }

        ref (bool InArray, int Values) level = ref _levels[_depth - 1];
        if (level.InArray)
        {
            if (level.Values > 0)
            {
                _output.Write(SingleLineArrays ? ", "u8 : ","u8);
            }

            if (!SingleLineArrays)
            {
                NewLine();
            }
        }
        else if (level.Values % 2 == 1)
        {
            _output.Write(": "u8);
        }
        else
        {
            if (level.Values > 0)
            {
                _output.Write(","u8);
            }

            NewLine();
        }

        level.Values++;
    }

    private void NewLine()
    {
        _output.Write("\n"u8);
        for (int left = _depth * 4; left > 0; left -= Blanks.Length)
        {
            _output.Write(Blanks.AsSpan(0, Math.Min(left, Blanks.Length)));
        }
    }
}
