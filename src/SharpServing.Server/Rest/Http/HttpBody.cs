using System.Buffers;
using System.Buffers.Text;

namespace SharpServing.Server.Rest.Http;

/// <summary>Gathers the body of one request in one piece of memory, which grows with what arrives, not with what is announced.</summary>
internal sealed class HttpBody
{
    private const int FirstBytes = 16 << 10;

    private readonly PooledBufferWriter _bytes = new(FirstBytes);
    private long _max;
    private long _left;
    private State _state;
    private bool _hasTrailer;

    public enum Progress
    {
        NeedMore,
        Complete,

        /// <summary>A broken chunk, or more than allowed.</summary>
        Bad,
    }

    private enum State
    {
        Plain,
        ChunkSize,
        ChunkData,
        Trailer,
    }

    public ReadOnlyMemory<byte> Content => _bytes.WrittenMemory;

    public void Start(bool chunked, long length, long max)
    {
        _bytes.Clear();
        _max = Math.Min(max, Array.MaxLength);
        _left = chunked ? 0 : length;
        _hasTrailer = false;
        _state = chunked ? State.ChunkSize : State.Plain;
    }

    /// <summary>Forgets the content and gives its memory back.</summary>
    public void Clear() => _bytes.Clear();

    /// <summary>Takes what belongs to the body off the front of <paramref name="buffer"/>.</summary>
    public Progress Take(ref ReadOnlySequence<byte> buffer)
    {
        while (true)
        {
            switch (_state)
            {
                case State.Plain:
                    TakeBytes(ref buffer);
                    return _left == 0 ? Progress.Complete : Progress.NeedMore;
                case State.ChunkData:
                    TakeBytes(ref buffer);
                    if (_left > 0)
                    {
                        return Progress.NeedMore;
                    }

                    _state = State.ChunkSize;
                    break;
                default:
                    if (buffer.PositionOf((byte)'\n') is not { } end)
                    {
                        return Progress.NeedMore;
                    }

                    ReadOnlySpan<byte> line = buffer.Slice(0, end).ToArray();
                    buffer = buffer.Slice(buffer.GetPosition(1, end));
                    line = HttpText.BeforeNul(line.EndsWith("\r"u8) ? line[..^1] : line);
                    if (_state == State.Trailer)
                    {
                        if (line.IsEmpty)
                        {
                            return Progress.Complete;
                        }

                        if (!TryReadTrailer(line))
                        {
                            return Progress.Bad;
                        }
                    }
                    else if (!line.IsEmpty && !TryStartChunk(line))
                    {
                        return Progress.Bad;
                    }

                    break;
            }
        }
    }

    /// <summary>What it says is not looked at.</summary>
    private bool TryReadTrailer(ReadOnlySpan<byte> line)
    {
        bool isFirst = !_hasTrailer;
        _hasTrailer = true;
        return line[0] is (byte)' ' or (byte)'\t' ? !isFirst : HttpText.IsHeader(line);
    }

    private bool TryStartChunk(ReadOnlySpan<byte> line)
    {
        line = line.TrimStart(" \t\v\f"u8);
        if (line.StartsWith("+"u8))
        {
            line = line[1..];
        }

        if (line.StartsWith("0x"u8) || line.StartsWith("0X"u8))
        {
            line = line[2..];
        }

        if (!Utf8Parser.TryParse(line, out long size, out int used, 'x') || size < 0 || (used < line.Length && line[used] != ' ') || _bytes.WrittenMemory.Length + size > _max)
        {
            return false;
        }

        _left = size;
        _state = size == 0 ? State.Trailer : State.ChunkData;
        return true;
    }

    private void TakeBytes(ref ReadOnlySequence<byte> buffer)
    {
        int count = (int)Math.Min(_left, buffer.Length);
        if (count > 0)
        {
            buffer.Slice(0, count).CopyTo(_bytes.GetSpan(count));
            _bytes.Advance(count);
            buffer = buffer.Slice(count);
            _left -= count;
        }
    }
}
