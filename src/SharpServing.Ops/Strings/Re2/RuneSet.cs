namespace SharpServing.Ops.Strings.Re2;

/// <summary>A set of code points, 0 to <see cref="MaxRune"/>, as ranges.</summary>
internal sealed class RuneSet
{
    public const int MaxRune = 0x10FFFF;

    private readonly List<(int Low, int High)> _ranges = [];
    private bool _isSorted = true;

    /// <summary>Disjoint inclusive ranges in order, none next to another.</summary>
    public List<(int Low, int High)> Ranges
    {
        get
        {
            if (!_isSorted)
            {
                Sort();
            }

            return _ranges;
        }
    }

    public void Add(int low, int high)
    {
        if (low <= high)
        {
            _ranges.Add((low, high));
            _isSorted = false;
        }
    }

    /// <summary>Adds a range and, if asked, all that differs from its members only in case.</summary>
    public void Add(int low, int high, bool fold)
    {
        Add(low, high);
        if (fold)
        {
            UnicodeTables.AddFolds(this, low, high);
        }
    }

    public void Add(RuneSet other)
    {
        foreach ((int low, int high) in other.Ranges)
        {
            Add(low, high);
        }
    }

    public void Negate()
    {
        (int Low, int High)[] ranges = [.. Ranges];
        _ranges.Clear();
        int next = 0;
        foreach ((int low, int high) in ranges)
        {
            Add(next, low - 1);
            next = high + 1;
        }

        Add(next, MaxRune);
    }

    private void Sort()
    {
        _ranges.Sort();
        int kept = 0;
        for (int i = 1; i < _ranges.Count; i++)
        {
            (int low, int high) = _ranges[i];
            if (low <= _ranges[kept].High + 1)
            {
                _ranges[kept] = (_ranges[kept].Low, System.Math.Max(high, _ranges[kept].High));
            }
            else
            {
                _ranges[++kept] = (low, high);
            }
        }

        if (_ranges.Count > 0)
        {
            _ranges.RemoveRange(kept + 1, _ranges.Count - kept - 1);
        }

        _isSorted = true;
    }
}
