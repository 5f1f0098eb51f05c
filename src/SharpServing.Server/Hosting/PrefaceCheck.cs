using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Net.Security;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace SharpServing.Server.Hosting;

/// <summary>
/// Stands before Kestrel's HTTP/2 and greets as gRPC's server does: the settings go out at once, so that a client need not speak first to see
/// that the connection is good (Kestrel sends them again once it has the client's preface). A connection that does not begin with that
/// preface is closed, and one that does not greet within the time that gRPC gives it.
/// </summary>
internal sealed class PrefaceCheck
{
    /// <summary>As gRPC's <c>grpc.server_handshake_timeout_ms</c>.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(120);

    private readonly byte[] _settings;
    private readonly ConnectionDelegate _next;

    /// <param name="limits">What Kestrel's own settings will say.</param>
    public PrefaceCheck(KestrelServerLimits limits, ConnectionDelegate next)
    {
        _settings = SettingsFrame(
            (3, limits.Http2.MaxStreamsPerConnection), (4, limits.Http2.InitialStreamWindowSize), (5, limits.Http2.MaxFrameSize), (6, limits.MaxRequestHeadersTotalSize));
        _next = next;
    }

    private static ReadOnlySpan<byte> Preface => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8;

    public async Task RunAsync(ConnectionContext connection)
    {
        if (connection.Features.Get<ISslStreamFeature>() is { } tls && tls.SslStream.NegotiatedApplicationProtocol != SslApplicationProtocol.Http2)
        {
            // The client did not ask for HTTP/2 in its handshake.
            return;
        }

        bool isGreeted;
        try
        {
            await connection.Transport.Output.WriteAsync(_settings, CancellationToken.None);
            isGreeted = await IsGreetedAsync(connection.Transport.Input);
        }
        catch (Exception e) when (e is ConnectionResetException or ConnectionAbortedException or OperationCanceledException or IOException)
        {
            isGreeted = false;
        }

        if (isGreeted)
        {
            await _next(connection);
        }
    }

    private static byte[] SettingsFrame(params ReadOnlySpan<(int Id, int Value)> settings)
    {
        const int HeadBytes = 9;
        const int SettingBytes = sizeof(short) + sizeof(int);
        byte[] frame = new byte[HeadBytes + (settings.Length * SettingBytes)];
        frame[2] = (byte)(settings.Length * SettingBytes);
        frame[3] = 4;
        for (int i = 0; i < settings.Length; i++)
        {
            Span<byte> entry = frame.AsSpan(HeadBytes + (i * SettingBytes));
            BinaryPrimitives.WriteInt16BigEndian(entry, (short)settings[i].Id);
            BinaryPrimitives.WriteInt32BigEndian(entry[sizeof(short)..], settings[i].Value);
        }

        return frame;
    }

    private static async Task<bool> IsGreetedAsync(PipeReader input)
    {
        using var limit = new CancellationTokenSource(Limit, TimeProvider.System);
        while (true)
        {
            ReadResult result = await input.ReadAsync(limit.Token);
            (bool isPreface, bool isWhole) = Look(result.Buffer);
            bool isDecided = isWhole || !isPreface || result.IsCompleted;
            input.AdvanceTo(result.Buffer.Start, isDecided ? result.Buffer.Start : result.Buffer.End);
            if (isDecided)
            {
                return isPreface && isWhole;
            }
        }
    }

    private static (bool IsPreface, bool IsWhole) Look(in ReadOnlySequence<byte> bytes)
    {
        Span<byte> first = stackalloc byte[Preface.Length];
        first = first[..(int)Math.Min(bytes.Length, first.Length)];
        bytes.Slice(0, first.Length).CopyTo(first);
        return (Preface.StartsWith(first), first.Length == Preface.Length);
    }
}
