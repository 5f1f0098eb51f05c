using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Text;

namespace SharpServing.Server.Grpc;

/// <summary>Writes protobuf's wire format. Lengths are written before what they measure: callers compute them with <see cref="SizeOfVarint"/>.</summary>
internal ref struct WireWriter
{
    /// <summary>Never asked for less: a pipe may hand out a span of one byte.</summary>
    private const int MinSpan = 64;

    private readonly IBufferWriter<byte> _output;
    private Span<byte> _span;
    private int _index;

    public WireWriter(IBufferWriter<byte> output) => _output = output;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int SizeOfVarint(ulong value) => (BitOperations.Log2(value | 1) * 9 + 73) / 64;

    /// <summary>Tag, length and content of a length-delimited field with a number below 16.</summary>
    public static long SizeOfBytes(long length) => 1 + SizeOfVarint((ulong)length) + length;

    /// <summary>Hands what was written over to the output.</summary>
    public void Flush()
    {
        if (_index > 0)
        {
            _output.Advance(_index);
        }

        _span = default;
        _index = 0;
    }

    /// <param name="field">Below 2048.</param>
    public void WriteTag(int field, WireType type) => WriteVarint((uint)(field << 3) | (uint)type);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteVarint(ulong value)
    {
        if (_span.Length - _index < 10)
        {
            Reserve();
        }

        while (value >= 0x80)
        {
            _span[_index++] = (byte)(value | 0x80);
            value >>= 7;
        }

        _span[_index++] = (byte)value;
    }

    public void WriteByte(byte value)
    {
        if (_index == _span.Length)
        {
            Reserve();
        }

        _span[_index++] = value;
    }

    public void WriteBigEndian(uint value)
    {
        if (_span.Length - _index < sizeof(uint))
        {
            Reserve();
        }

        BinaryPrimitives.WriteUInt32BigEndian(_span[_index..], value);
        _index += sizeof(uint);
    }

    public void WriteRaw(scoped ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (_index == _span.Length)
            {
                Reserve();
            }

            int count = Math.Min(bytes.Length, _span.Length - _index);
            bytes[..count].CopyTo(_span[_index..]);
            bytes = bytes[count..];
            _index += count;
        }
    }

    /// <summary>A string field. Its length must have been counted with <see cref="Encoding.UTF8"/>.</summary>
    public void WriteString(int field, string text)
    {
        int length = Encoding.UTF8.GetByteCount(text);
        WriteTag(field, WireType.Bytes);
        WriteVarint((ulong)length);
        if (_span.Length - _index >= length)
        {
            _index += Encoding.UTF8.GetBytes(text, _span[_index..]);
        }
        else
        {
            WriteRaw(Encoding.UTF8.GetBytes(text));
        }
    }

    private void Reserve()
    {
        Flush();
        _span = _output.GetSpan(MinSpan);
    }
}
