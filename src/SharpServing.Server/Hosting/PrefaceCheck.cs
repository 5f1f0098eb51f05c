using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;

namespace SharpServing.Server.Hosting;

/// <summary>
/// Stands before Kestrel's HTTP/2: closes a connection whose first bytes are neither HTTP/2's preface nor text (Kestrel tells a client of
/// HTTP/1 what is wrong, but waits for more of anything else), and one that does not greet within the time that gRPC gives it.
/// </summary>
internal static class PrefaceCheck
{
    /// <summary>As gRPC's <c>grpc.server_handshake_timeout_ms</c>.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(120);

    private static ReadOnlySpan<byte> Preface => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8;

    public static ConnectionDelegate Around(ConnectionDelegate next) => connection => RunAsync(connection, next);

    private static async Task RunAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        bool isGreeted;
        try
        {
            isGreeted = await IsGreetedAsync(connection.Transport.Input);
        }
        catch (Exception e) when (e is ConnectionResetException or ConnectionAbortedException or OperationCanceledException or IOException)
        {
            isGreeted = false;
        }

        if (isGreeted)
        {
            await next(connection);
        }
    }

    private static async Task<bool> IsGreetedAsync(PipeReader input)
    {
        using var limit = new CancellationTokenSource(Limit, TimeProvider.System);
        while (true)
        {
            ReadResult result = await input.ReadAsync(limit.Token);
            bool isKnown = Look(result.Buffer, out bool isGarbage);
            bool isDecided = isKnown || isGarbage || result.IsCompleted;
            input.AdvanceTo(result.Buffer.Start, isDecided ? result.Buffer.Start : result.Buffer.End);
            if (isDecided)
            {
                return isKnown;
            }
        }
    }

    private static bool Look(in ReadOnlySequence<byte> bytes, out bool isGarbage)
    {
        Span<byte> first = stackalloc byte[Preface.Length];
        first = first[..(int)Math.Min(bytes.Length, first.Length)];
        bytes.Slice(0, first.Length).CopyTo(first);
        bool isPreface = Preface.StartsWith(first);
        isGarbage = !isPreface && first.ContainsAnyExceptInRange((byte)'\t', (byte)'~');
        return !isGarbage && (!isPreface || first.Length == Preface.Length);
    }
}
