namespace SharpServing.SavedModel.Tables;

/// <summary>A place in a <see cref="TableBlock"/>. An entry is: bytes of the key shared with the one before, bytes that follow, bytes of the value.</summary>
internal sealed class TableCursor
{
    private static readonly ServingStatus BadEntry = new(StatusCode.DataLoss, "bad entry in block");

    private readonly TableBlock _block;
    private byte[] _key = new byte[64];
    private int _keyLength;
    private int _next;

    public TableCursor(TableBlock block) => _block = block;

    public ServingStatus Status { get; private set; }

    public ReadOnlySpan<byte> Key => _key.AsSpan(0, _keyLength);

    public ReadOnlyMemory<byte> Value { get; private set; }

    public bool MoveToFirst() => MoveTo(0) && MoveNext();

    /// <summary>Goes to the first entry whose key is not below <paramref name="target"/>.</summary>
    public bool Seek(ReadOnlySpan<byte> target)
    {
        // 1. The last restart point whose key is below the target.
        int low = 0;
        int high = _block.RestartCount - 1;
        while (low < high)
        {
            int middle = low + ((high - low + 1) / 2);
            if (!MoveTo(_block.RestartAt(middle)) || !MoveNext())
            {
                return false;
            }

            if (Key.SequenceCompareTo(target) < 0)
            {
                low = middle;
            }
            else
            {
                high = middle - 1;
            }
        }

        // 2. From there on, one by one.
        if (_block.RestartCount == 0 || !MoveTo(_block.RestartAt(low)))
        {
            return false;
        }

        while (MoveNext())
        {
            if (Key.SequenceCompareTo(target) >= 0)
            {
                return true;
            }
        }

        return false;
    }

    public bool MoveNext()
    {
        ReadOnlySpan<byte> bytes = _block.Bytes.Span[..Math.Max(_block.EntryBytes, 0)];
        if (_next >= bytes.Length)
        {
            return false;
        }

        int at = _next;
        if (!Varint.TryRead(bytes, ref at, out ulong shared) || !Varint.TryRead(bytes, ref at, out ulong added)
            || !Varint.TryRead(bytes, ref at, out ulong valueLength)
            || shared > (ulong)_keyLength || added > (ulong)(bytes.Length - at) || valueLength > (ulong)(bytes.Length - at) - added)
        {
            return Fail();
        }

        int length = (int)(shared + added);
        if (length > _key.Length)
        {
            Array.Resize(ref _key, Math.Max(length, _key.Length * 2));
        }

        bytes.Slice(at, (int)added).CopyTo(_key.AsSpan((int)shared));
        _keyLength = length;
        at += (int)added;
        Value = _block.Bytes.Slice(at, (int)valueLength);
        _next = at + (int)valueLength;
        return true;
    }

    private bool MoveTo(int offset)
    {
        if (offset > _block.EntryBytes)
        {
            return Fail();
        }

        _keyLength = 0;
        _next = offset;
        return true;
    }

    private bool Fail()
    {
        Status = BadEntry;
        _next = int.MaxValue;
        return false;
    }
}
