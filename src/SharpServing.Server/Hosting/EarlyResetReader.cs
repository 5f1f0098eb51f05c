using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace SharpServing.Server.Hosting;

/// <summary>
/// The bytes of an HTTP/2 client without its RST_STREAM frames for streams that it has not opened. Clients on gRPC's C core send one when a
/// call ends before its headers were written, and gRPC's own server ignores it.
/// </summary>
/// <remarks>The reader behind this one must consume whole frames, as Kestrel's does.</remarks>
internal sealed class EarlyResetReader : PipeReader
{
    private const int PrefaceBytes = 24;
    private const int HeadBytes = 9;
    private const int ResetBytes = HeadBytes + sizeof(int);
    private const int Headers = 1;
    private const int ResetStream = 3;

    private readonly PipeReader _inner;
    private ReadOnlySequence<byte> _shown;

    /// <summary>Bytes from the first unconsumed one to the first frame that was not looked at; beyond what has come, within a frame.</summary>
    private long _known = PrefaceBytes;

    /// <summary>The last stream that the client opened.</summary>
    private uint _lastStream;

    public EarlyResetReader(PipeReader inner) => _inner = inner;

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        ReadResult shown;
        while (!TryShow(await _inner.ReadAsync(cancellationToken), out shown))
        {
        }

        return shown;
    }

    public override bool TryRead(out ReadResult result)
    {
        while (_inner.TryRead(out ReadResult read))
        {
            if (TryShow(read, out result))
            {
                return true;
            }
        }

        result = default;
        return false;
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        _known -= _shown.Slice(0, consumed).Length;
        _shown = default;
        _inner.AdvanceTo(consumed, examined);
    }

    public override void CancelPendingRead() => _inner.CancelPendingRead();

    public override void Complete(Exception? exception = null) => _inner.Complete(exception);

    public override ValueTask CompleteAsync(Exception? exception = null) => _inner.CompleteAsync(exception);

    /// <returns>False: only a frame to be left out was there; it is gone, and there may be more.</returns>
    private bool TryShow(in ReadResult read, out ReadResult shown)
    {
        shown = read;
        ReadOnlySequence<byte> buffer = read.Buffer;
        Span<byte> head = stackalloc byte[HeadBytes];
        while (buffer.Length - _known >= HeadBytes)
        {
            ReadOnlySequence<byte> rest = buffer.Slice(_known);
            rest.Slice(0, HeadBytes).CopyTo(head);
            uint start = BinaryPrimitives.ReadUInt32BigEndian(head);
            uint length = start >> 8;
            uint type = start & 0xFF;
            uint stream = BinaryPrimitives.ReadUInt32BigEndian(head[5..]) & 0x7FFF_FFFF;
            if (type == Headers)
            {
                _lastStream = Math.Max(_lastStream, stream);
            }

            if (type != ResetStream || length != sizeof(int) || stream <= _lastStream)
            {
                _known += HeadBytes + length;
                continue;
            }

            if (rest.Length < ResetBytes)
            {
                break;
            }

            if (_known == 0 && !read.IsCanceled)
            {
                _inner.AdvanceTo(rest.GetPosition(ResetBytes));
                return false;
            }

            // What is before it first; the next read begins with it.
            _shown = buffer.Slice(0, _known);
            shown = new ReadResult(_shown, read.IsCanceled, isCompleted: false);
            return true;
        }

        _shown = buffer;
        return true;
    }
}
