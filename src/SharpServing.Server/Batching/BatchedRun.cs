using System.Diagnostics;
using SharpServing.Batching;
using SharpServing.Tensors;

namespace SharpServing.Server.Batching;

/// <summary>
/// One run, or a piece of one, that waits for its batch. It holds a reference to each feed until its batch was processed, and then to each
/// fetch until they are taken.
/// </summary>
internal sealed class BatchedRun : IBatchTask
{
    private readonly object _gate = new();
    private ServingStatus _status;
    private bool _done;

    /// <param name="feeds">Each with a reference that this object takes over.</param>
    public BatchedRun(Tensor[] feeds, int size, CancellationToken cancellation)
    {
        Feeds = feeds;
        Size = size;
        Cancellation = cancellation;
    }

    /// <summary>Rows.</summary>
    public int Size { get; }

    public Tensor[] Feeds { get; }

    /// <summary>Its deadline, or the client going away.</summary>
    public CancellationToken Cancellation { get; }

    public long Enqueued { get; } = Stopwatch.GetTimestamp();

    /// <summary>Set when the status is OK; references of this object.</summary>
    public Tensor[] Fetches { get; private set; } = [];

    /// <summary>The pieces that it was cut into; none: it is processed itself.</summary>
    public IReadOnlyList<BatchedRun> Pieces { get; private set; } = [];

    /// <summary>Cuts it: a first piece of <paramref name="first"/> rows, unless that is 0, then pieces of up to <paramref name="most"/>.</summary>
    public IReadOnlyList<BatchedRun> Split(int first, int most)
    {
        var pieces = new List<BatchedRun>();
        int from = 0;
        int length = first > 0 ? first : Math.Min(most, Size);
        while (from < Size)
        {
            pieces.Add(new BatchedRun(Array.ConvertAll(Feeds, feed => BatchTensors.Rows(feed, from, length)), length, Cancellation));
            from += length;
            length = Math.Min(most, Size - from);
        }

        Pieces = pieces;
        return pieces;
    }

    /// <param name="fetches">Each with a reference that this object takes over.</param>
    public void Complete(ServingStatus status, Tensor[] fetches)
    {
        lock (_gate)
        {
            Fetches = fetches;
            _status = status;
            _done = true;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Fails it where it is not complete yet.</summary>
    public void TryFail(ServingStatus status)
    {
        lock (_gate)
        {
            if (!_done)
            {
                Complete(status, []);
            }
        }
    }

    /// <summary>Blocks until it, or all its pieces, were processed.</summary>
    public ServingStatus Wait()
    {
        if (Pieces.Count == 0)
        {
            lock (_gate)
            {
                while (!_done)
                {
                    Monitor.Wait(_gate);
                }

                return _status;
            }
        }

        ServingStatus status = ServingStatus.Ok;
        foreach (BatchedRun piece in Pieces)
        {
            ServingStatus one = piece.Wait();
            status = status.IsOk ? one : status;
        }

        if (status.IsOk)
        {
            var fetches = new Tensor[Pieces[0].Fetches.Length];
            for (int i = 0; i < fetches.Length && status.IsOk; i++)
            {
                status = BatchTensors.TryConcat([.. Pieces.Select(piece => piece.Fetches[i])], 0, "", pad: false, out Tensor? whole);
                fetches[i] = whole!;
            }

            Fetches = status.IsOk ? fetches : [];
        }

        return status;
    }

    /// <summary>Gives all references back.</summary>
    public void Release()
    {
        foreach (BatchedRun piece in Pieces)
        {
            piece.Release();
        }

        foreach (Tensor tensor in Feeds)
        {
            tensor.Release();
        }

        foreach (Tensor tensor in Fetches)
        {
            tensor.Release();
        }
    }
}
