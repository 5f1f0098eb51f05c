using System.Buffers;

namespace SharpServing.Server.Tests.Hosting;

public sealed class PooledBufferWriterTests
{
    [Fact]
    public void Write_PiecesOfAllSizes_KeepsThemInOrder()
    {
        var random = new Random(7);
        var writer = new PooledBufferWriter(16);
        var expected = new List<byte>();
        for (int i = 0; i < 500; i++)
        {
            byte[] piece = new byte[random.Next(0, 2000)];
            random.NextBytes(piece);
            if (i % 2 == 0)
            {
                writer.Write(piece);
            }
            else
            {
                piece.CopyTo(writer.GetMemory(piece.Length));
                writer.Advance(piece.Length);
            }

            expected.AddRange(piece);
        }

        writer.WrittenSpan.SequenceEqual(expected.ToArray()).ShouldBeTrue();
        writer.Clear();
        writer.WrittenMemory.Length.ShouldBe(0);
        writer.Write("again"u8);
        writer.WrittenSpan.SequenceEqual("again"u8).ShouldBeTrue();
    }

    [Fact]
    public void Advance_BeyondWhatWasGiven_Throws()
    {
        var writer = new PooledBufferWriter();
        int given = writer.GetSpan(10).Length;
        given.ShouldBeGreaterThanOrEqualTo(10);
        Should.Throw<ArgumentOutOfRangeException>(() => writer.Advance(given + 1));
        Should.Throw<ArgumentOutOfRangeException>(() => writer.Advance(-1));
    }
}
