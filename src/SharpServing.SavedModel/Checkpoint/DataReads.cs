using SharpServing.SavedModel.Tables;

namespace SharpServing.SavedModel;

/// <summary>
/// Reads ranges of files into memory and sums them up, in pieces that idle cores take from a shared counter. Helper threads exist
/// only while a large read goes on: loading is rare.
/// </summary>
internal sealed unsafe class DataReads
{
    /// <summary>One piece of work. Unit: bytes.</summary>
    private const long PieceBytes = 8 << 20;

    /// <summary>Below this in sum the caller reads alone. Unit: bytes.</summary>
    private const long ParallelFromBytes = 4 * PieceBytes;

    private const int MaxThreads = 8;

    private readonly List<Piece> _pieces = [];
    private readonly List<Range> _ranges = [];
    private long _totalBytes;
    private int _next = -1;

    /// <summary>Number of ranges added.</summary>
    public int Count => _ranges.Count;

    public void Add(DataFile file, long offset, byte* target, long size)
    {
        int first = _pieces.Count;
        for (long at = 0; at < size; at += PieceBytes)
        {
            _pieces.Add(new Piece(file, offset + at, target + at, Math.Min(PieceBytes, size - at)));
        }

        _ranges.Add(new Range(first, _pieces.Count - first));
        _totalBytes += size;
    }

    public void Run()
    {
        int helpers = _totalBytes < ParallelFromBytes ? 0 : Math.Min(Math.Min(Environment.ProcessorCount, MaxThreads), _pieces.Count) - 1;
        var threads = new Thread[Math.Max(helpers, 0)];
        for (int i = 0; i < threads.Length; i++)
        {
            threads[i] = new Thread(Work) { IsBackground = true, Name = "checkpoint read", Priority = Thread.CurrentThread.Priority };
            threads[i].Start();
        }

        Work();
        foreach (Thread thread in threads)
        {
            thread.Join();
        }
    }

    /// <summary>The sum of a range's bytes, after <see cref="Run"/>.</summary>
    public ServingStatus TryGetChecksum(int range, out uint checksum)
    {
        checksum = 0;
        for (int i = 0; i < _ranges[range].Count; i++)
        {
            Piece piece = _pieces[_ranges[range].First + i];
            if (!piece.Status.IsOk)
            {
                return piece.Status;
            }

            checksum = i == 0 ? piece.Checksum : Crc32C.Combine(checksum, piece.Checksum, piece.Size);
        }

        return ServingStatus.Ok;
    }

    private void Work()
    {
        while (true)
        {
            int index = Interlocked.Increment(ref _next);
            if (index >= _pieces.Count)
            {
                return;
            }

            Piece piece = _pieces[index];
            piece.Status = piece.File.TryRead(piece.Offset, piece.Target, piece.Size);
            if (piece.Status.IsOk)
            {
                piece.Checksum = Crc32C.Compute(new ReadOnlySpan<byte>(piece.Target, (int)piece.Size));
            }
        }
    }

    private readonly record struct Range(int First, int Count);

    private sealed class Piece(DataFile file, long offset, byte* target, long size)
    {
        public DataFile File { get; } = file;

        public long Offset { get; } = offset;

        public byte* Target { get; } = target;

        public long Size { get; } = size;

        public uint Checksum { get; set; }

        public ServingStatus Status { get; set; }
    }
}
