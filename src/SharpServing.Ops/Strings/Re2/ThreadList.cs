namespace SharpServing.Ops.Strings.Re2;

/// <summary>Threads at one position, in order of priority, each instruction at most once.</summary>
internal sealed class ThreadList(int size)
{
    private readonly int[] _order = new int[size];
    private readonly int[] _mark = new int[size];
    private int _generation;

    public int Count { get; private set; }

    public ReadOnlySpan<int> Threads => _order.AsSpan(0, Count);

    public void Clear()
    {
        Count = 0;
        if (++_generation == int.MaxValue)
        {
            System.Array.Clear(_mark);
            _generation = 1;
        }
    }

    /// <summary>False: the instruction was reached before, with a higher priority.</summary>
    public bool TryVisit(int instruction)
    {
        if (_mark[instruction] == _generation)
        {
            return false;
        }

        _mark[instruction] = _generation;
        return true;
    }

    public void Add(int instruction) => _order[Count++] = instruction;
}
