using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using SharpServing.Server.Hosting;
using SharpServing.Server.Tests.Support;

namespace SharpServing.Server.Tests.Hosting;

/// <summary>RST_STREAM for a stream that was not opened.</summary>
public sealed class EarlyResetTests
{
    private static readonly byte[] EmptyMessage = new byte[5];

    [Fact]
    public async Task Reset_OfAStreamThatWasNotOpened_HurtsNoCall()
    {
        await using TestServer server = await TestServer.StartAsync();
        using RawHttp2Client client = await RawHttp2Client.ConnectAsync(server.GrpcPort);
        await client.SendResetAsync(1);
        await client.SendHeadersAsync(RawHttp2Client.HeadersOf("/tensorflow.serving.PredictionService/Predict"), endStream: false, stream: 3);
        await client.SendResetAsync(5);
        await client.SendDataAsync(EmptyMessage, endStream: true, stream: 3);
        RawHttp2Answer answer = await client.ReadAsync();
        answer.GoAway.ShouldBeNull();
        answer.Find("grpc-status").ShouldBe("3");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Read_AnyPieces_AllOtherFramesAsSent(int seed)
    {
        var random = new Random(seed);
        var sent = new List<byte>("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray());
        var expected = new List<byte>(sent);
        uint last = 0;
        for (int i = 0; i < 300; i++)
        {
            uint stream = (uint)Math.Max(0, last + random.Next(-2, 3));
            byte type = (byte)random.Next(0, 5);
            byte[] frame = Frame(type, stream, type == 3 ? 4 : random.Next(0, 40), random);
            bool isLeftOut = type == 3 && stream > last;
            last = type == 1 ? Math.Max(last, stream) : last;
            sent.AddRange(frame);
            expected.AddRange(isLeftOut ? [] : frame);
        }

        var pipe = new Pipe();
        async Task SendAsync()
        {
            for (int at = 0, length; at < sent.Count; at += length)
            {
                length = Math.Min(random.Next(1, 60), sent.Count - at);
                await pipe.Writer.WriteAsync(sent.GetRange(at, length).ToArray());
            }

            await pipe.Writer.CompleteAsync();
        }

        Task sending = SendAsync();
        List<byte> read = await ReadFramesAsync(new EarlyResetReader(pipe.Reader));
        await sending;
        read.ShouldBe(expected);
    }

    [Fact]
    public async Task CancelPendingRead_BesideAFrameThatIsLeftOut_IsTold()
    {
        var pipe = new Pipe();
        var reader = new EarlyResetReader(pipe.Reader);
        await pipe.Writer.WriteAsync((byte[])[.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, .. Frame(3, 7, 4, new Random(1))]);
        ReadResult preface = await reader.ReadAsync();
        preface.Buffer.Length.ShouldBe(24);
        reader.AdvanceTo(preface.Buffer.End);
        reader.CancelPendingRead();
        ReadResult cancelled = await reader.ReadAsync();
        cancelled.IsCanceled.ShouldBeTrue();
        cancelled.Buffer.IsEmpty.ShouldBeTrue();
        reader.AdvanceTo(cancelled.Buffer.Start);
        await pipe.Writer.CompleteAsync();
        ReadResult end = await reader.ReadAsync();
        end.Buffer.IsEmpty.ShouldBeTrue();
        end.IsCompleted.ShouldBeTrue();
    }

    /// <summary>As Kestrel: the preface, then whole frames; what is left is examined.</summary>
    private static async Task<List<byte>> ReadFramesAsync(EarlyResetReader reader)
    {
        var read = new List<byte>();
        while (true)
        {
            ReadResult result = await reader.ReadAsync();
            ReadOnlySequence<byte> buffer = result.Buffer;
            long at = 0;
            while (true)
            {
                long left = buffer.Length - at;
                long length = read.Count + at == 0 ? 24 : left < 9 ? long.MaxValue : 9 + (BinaryPrimitives.ReadInt32BigEndian(buffer.Slice(at, 4).ToArray()) >>> 8);
                if (length > left)
                {
                    break;
                }

                at += length;
            }

            read.AddRange(buffer.Slice(0, at).ToArray());
            reader.AdvanceTo(buffer.GetPosition(at), buffer.End);
            if (result.IsCompleted)
            {
                return read;
            }
        }
    }

    private static byte[] Frame(byte type, uint stream, int length, Random random)
    {
        byte[] frame = new byte[9 + length];
        random.NextBytes(frame);
        BinaryPrimitives.WriteUInt32BigEndian(frame, (uint)length << 8 | type);
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(5), stream);
        return frame;
    }
}
