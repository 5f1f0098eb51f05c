using System.Buffers.Binary;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Unicode;
using System.Net.Sockets;
using Google.Protobuf;

namespace SharpServing.Server.Tests.Support;

/// <summary>Unary gRPC calls on .NET's HTTP/2 client, with the frames made by hand.</summary>
internal sealed class GrpcTestClient : IDisposable
{
    private readonly HttpClient _http;

    public GrpcTestClient(int port)
    {
        _http = new HttpClient(new SocketsHttpHandler { EnableMultipleHttp2Connections = true })
        {
            BaseAddress = new Uri($"http://127.0.0.1:{port}"),
            Timeout = TimeSpan.FromSeconds(60),
        };
    }

    /// <summary>Over a unix socket.</summary>
    public GrpcTestClient(string socketPath)
    {
        var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellation) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(socketPath), cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        _http = new HttpClient(handler) { BaseAddress = new Uri("http://localhost"), Timeout = TimeSpan.FromSeconds(60) };
    }

    /// <summary>With TLS.</summary>
    /// <param name="port">On the loopback.</param>
    /// <param name="root">Whom the client trusts; null: whom the system trusts.</param>
    /// <param name="certificates">Shown to the server that asks: the client's own, and what leads from it to a root.</param>
    public GrpcTestClient(int port, X509Certificate2? root, params X509Certificate2[] certificates)
    {
        var handler = new SocketsHttpHandler();
        if (root is not null)
        {
            handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust, CustomTrustStore = { root }, RevocationMode = X509RevocationMode.NoCheck,
            };
        }

        if (certificates.Length > 0)
        {
            handler.SslOptions.ClientCertificateContext = SslStreamCertificateContext.Create(certificates[0], [.. certificates[1..]], offline: true);
        }

        _http = new HttpClient(handler) { BaseAddress = new Uri($"https://127.0.0.1:{port}"), Timeout = TimeSpan.FromSeconds(60) };
    }

    public static byte[] Frame(ReadOnlySpan<byte> message, byte flags = 0)
    {
        byte[] frame = new byte[5 + message.Length];
        frame[0] = flags;
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(1), (uint)message.Length);
        message.CopyTo(frame.AsSpan(5));
        return frame;
    }

    public Task<GrpcAnswer> CallAsync(string method, IMessage request, params (string Name, string Value)[] headers) =>
        CallRawAsync(method, Frame(request.ToByteArray()), headers);

    /// <summary>The body is frames and all.</summary>
    public async Task<GrpcAnswer> CallRawAsync(string method, byte[] body, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, method)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(body),
        };
        request.Content.Headers.TryAddWithoutValidation("content-type", "application/grpc");
        request.Headers.TryAddWithoutValidation("te", "trailers");
        foreach ((string name, string value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using HttpResponseMessage response = await _http.SendAsync(request);
        byte[] answer = await response.Content.ReadAsByteArrayAsync();
        string? Find(string name) =>
            response.TrailingHeaders.TryGetValues(name, out IEnumerable<string>? trailer) ? trailer.Single()
            : response.Headers.TryGetValues(name, out IEnumerable<string>? header) ? header.Single() : null;
        var code = (StatusCode)int.Parse(Find("grpc-status") ?? "2", System.Globalization.CultureInfo.InvariantCulture);
        string message = Decode(Find("grpc-message") ?? "");
        return new GrpcAnswer(new ServingStatus(code, message), answer.Length >= 5 ? answer[5..] : []);
    }

    public void Dispose() => _http.Dispose();

    /// <summary>Percent codes to UTF-8, or to Latin-1 where the bytes are no UTF-8, as Python's client does.</summary>
    private static string Decode(string text)
    {
        var bytes = new List<byte>();
        for (int i = 0; i < text.Length; i++)
        {
            bool isCode = text[i] == '%';
            bytes.Add(isCode ? Convert.FromHexString(text.AsSpan(i + 1, 2))[0] : (byte)text[i]);
            i += isCode ? 2 : 0;
        }

        byte[] all = [.. bytes];
        return Utf8.IsValid(all) ? Encoding.UTF8.GetString(all) : Encoding.Latin1.GetString(all);
    }
}

internal sealed record GrpcAnswer(ServingStatus Status, byte[] Message);
