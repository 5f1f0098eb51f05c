using System.Buffers;
using System.IO.Compression;

namespace SharpServing.Server.Grpc;

/// <summary>Inflates compressed messages: <c>gzip</c>, and <c>deflate</c>, which is zlib's format.</summary>
internal static class GrpcDecompressor
{
    /// <returns>False when the bytes do not inflate to at most <paramref name="limit"/> bytes.</returns>
    public static bool TryInflate(in ReadOnlySequence<byte> compressed, bool gzip, int limit, out ReadOnlySequence<byte> message)
    {
        message = default;
        using var input = new MemoryStream(compressed.ToArray());
        using Stream inflater = gzip ? new GZipStream(input, CompressionMode.Decompress) : new ZLibStream(input, CompressionMode.Decompress);
        var output = new ArrayBufferWriter<byte>();
        try
        {
            while (true)
            {
                int read = inflater.Read(output.GetSpan(1 << 16));
                if (read == 0)
                {
                    break;
                }

                output.Advance(read);
                if (output.WrittenCount > limit)
                {
                    return false;
                }
            }
        }
        catch (InvalidDataException)
        {
            return false;
        }

        message = new ReadOnlySequence<byte>(output.WrittenMemory);
        return true;
    }
}
