namespace SharpServing.Server.Rest;

/// <summary>
/// Hands its last byte out alone. A reader that takes a buffer full at a time then shows, by <see cref="Stream.Position"/>, whether it
/// needed all bytes or was done before.
/// </summary>
internal sealed class LastByteApartStream : MemoryStream
{
    public LastByteApartStream(byte[] buffer, int index, int count)
        : base(buffer, index, count, writable: false)
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Limit(count));

    public override int Read(Span<byte> buffer) => base.Read(buffer[..Limit(buffer.Length)]);

    private int Limit(int count)
    {
        long left = Length - Position;
        return (int)Math.Min(count, left > 1 ? left - 1 : left);
    }
}
