using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using SharpServing.Server.Hosting;
using SharpServing.Server.Hosting.Tls;
using SharpServing.Server.Tests.Support;
using Tensorflow.Serving;

namespace SharpServing.Server.Tests.Hosting;

public sealed class TlsTests : IDisposable
{
    private const string Status = "/tensorflow.serving.ModelService/GetModelStatus";

    private readonly TestCertificates _certificates = new();

    public void Dispose() => _certificates.Dispose();

    [Theory]
    [InlineData("PRIVATE KEY", false, Transport.Default)]
    [InlineData("PRIVATE KEY", false, Transport.Sockets)]
    [InlineData("EC PRIVATE KEY", false, Transport.Default)]
    [InlineData("PRIVATE KEY", true, Transport.Default)]
    [InlineData("RSA PRIVATE KEY", true, Transport.Default)]
    public async Task Call_KeyInAnyForm_IsAnswered(string form, bool rsa, Transport transport)
    {
        X509Certificate2 certificate = rsa ? _certificates.MakeRsa("localhost") : _certificates.Make("localhost");
        string key = form switch
        {
            "EC PRIVATE KEY" => certificate.GetECDsaPrivateKey()!.ExportECPrivateKeyPem(),
            "RSA PRIVATE KEY" => certificate.GetRSAPrivateKey()!.ExportRSAPrivateKeyPem(),
            _ => ((AsymmetricAlgorithm?)certificate.GetRSAPrivateKey() ?? certificate.GetECDsaPrivateKey())!.ExportPkcs8PrivateKeyPem(),
        };
        key.ShouldStartWith($"-----BEGIN {form}-----");
        using TlsCredentials tls = Credentials(new SSLConfig { ServerKey = key, ServerCert = certificate.ExportCertificatePem() });
        await using TestServer server = await TestServer.StartAsync(options => options with { GrpcTls = tls, Transport = transport });
        using var client = new GrpcTestClient(server.GrpcPort, _certificates.Root);
        (await CallAsync(client)).ShouldBe(StatusCode.Ok);
    }

    [Fact]
    public async Task Call_ChainInServerCert_ClientNeedsTheRootOnly()
    {
        X509Certificate2 middle = _certificates.MakeAuthority("middle", _certificates.Root);
        X509Certificate2 certificate = _certificates.Make("localhost", middle);
        using TlsCredentials tls = Credentials(new SSLConfig
        {
            ServerKey = TestCertificates.KeyOf(certificate),
            ServerCert = $"{certificate.ExportCertificatePem()}\n{middle.ExportCertificatePem()}\nand so on",
        });
        await using TestServer server = await TestServer.StartAsync(options => options with { GrpcTls = tls });
        using var client = new GrpcTestClient(server.GrpcPort, _certificates.Root);
        (await CallAsync(client)).ShouldBe(StatusCode.Ok);
    }

    [Fact]
    public async Task ClientVerify_Certificates_ChainMustEndInCustomCa()
    {
        X509Certificate2 middle = _certificates.MakeAuthority("middle", _certificates.Root);
        X509Certificate2 foreign = _certificates.MakeAuthority("foreign", null);
        using TlsCredentials tls = Credentials(Config(_certificates.Root, verify: true));
        await using TestServer server = await TestServer.StartAsync(options => options with { GrpcTls = tls });
        (await CallAsync(server)).ShouldBeNull("no certificate");
        (await CallAsync(server, _certificates.Make("client"))).ShouldBe(StatusCode.Ok);
        (await CallAsync(server, _certificates.Make("client", middle), middle)).ShouldBe(StatusCode.Ok);
        (await CallAsync(server, _certificates.Make("client", middle))).ShouldBeNull("a part of the chain is missing");
        (await CallAsync(server, _certificates.Make("client", foreign), foreign)).ShouldBeNull("another root");
    }

    [Fact]
    public async Task ClientVerify_CustomCaIsNoRoot_ItsClientsAreTrustedAndNoOthers()
    {
        X509Certificate2 middle = _certificates.MakeAuthority("middle", _certificates.Root);
        X509Certificate2 forger = _certificates.MakeAuthority("middle", null);
        using TlsCredentials tls = Credentials(Config(middle, verify: true));
        await using TestServer server = await TestServer.StartAsync(options => options with { GrpcTls = tls });
        (await CallAsync(server, _certificates.Make("client", middle))).ShouldBe(StatusCode.Ok);
        (await CallAsync(server, _certificates.Make("client", middle), middle, _certificates.Root)).ShouldBe(StatusCode.Ok);
        (await CallAsync(server, _certificates.Make("client"))).ShouldBeNull("the root is not in custom_ca");
        (await CallAsync(server, _certificates.Make("client", forger))).ShouldBeNull("the name of the issuer alone");
        (await CallAsync(server, _certificates.Make("client", forger), middle)).ShouldBeNull("another key than the issuer's");
    }

    [Fact]
    public async Task ClientVerify_NoCustomCa_NobodyIsTrusted()
    {
        using TlsCredentials tls = Credentials(Config(null, verify: true));
        await using TestServer server = await TestServer.StartAsync(options => options with { GrpcTls = tls });
        (await CallAsync(server, _certificates.Make("client"))).ShouldBeNull();
    }

    [Fact]
    public async Task Handshake_ClientWithoutHttp2_IsClosed()
    {
        using TlsCredentials tls = Credentials(Config(null, verify: false));
        await using TestServer server = await TestServer.StartAsync(options => options with { GrpcTls = tls });
        using var client = new TcpClient("127.0.0.1", server.GrpcPort);
        await using var stream = new SslStream(client.GetStream());
        await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust, CustomTrustStore = { _certificates.Root }, RevocationMode = X509RevocationMode.NoCheck,
            },
        });
        await stream.WriteAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray());
        (await stream.ReadAsync(new byte[1]).AsTask().WaitAsync(TimeSpan.FromSeconds(20))).ShouldBe(0);
    }

    /// <summary>Hands who begin to greet and stop do not hold the threads that others need.</summary>
    [Fact]
    public async Task Handshakes_ThatStop_DelayNoOther()
    {
        using TlsCredentials tls = Credentials(Config(null, verify: false));
        await using TestServer server = await TestServer.StartAsync(options => options with { GrpcTls = tls });
        var stuck = new List<TcpClient>();
        for (int i = 0; i < 4 * Environment.ProcessorCount; i++)
        {
            var client = new TcpClient("127.0.0.1", server.GrpcPort);
            stuck.Add(client);
            await client.GetStream().WriteAsync((byte[])[0x16, 0x03, 0x01, 0x02, 0x00, 0x01]);
        }

        (await CallAsync(server)).ShouldBe(StatusCode.Ok);
        stuck.ForEach(static client => client.Dispose());
    }

    [Theory]
    [InlineData("", "", "", "Invalid cert chain file.")]
    [InlineData("key", "", "", "Invalid cert chain file.")]
    [InlineData("key", "x", "", "Invalid cert chain file.")]
    [InlineData("", "cert", "", "Invalid private key.")]
    [InlineData("x", "cert", "", "Invalid private key.")]
    [InlineData("other", "cert", "", "Invalid private key.")]
    [InlineData("rsa", "cert", "", "Invalid private key.")]
    [InlineData("key", "cert", "x", "Could not load any root certificate.|Invalid verification certs.")]
    [InlineData("key", "cert", "", "")]
    [InlineData("key", "cert", "cert", "")]
    public void TryCreate_Texts_AreCheckedInOrder(string key, string certificate, string root, string faults)
    {
        X509Certificate2 server = _certificates.Make("localhost");
        string Fill(string name) => name switch
        {
            "key" => TestCertificates.KeyOf(server),
            "other" => TestCertificates.KeyOf(_certificates.Make("other")),
            "rsa" => _certificates.MakeRsa("rsa").GetRSAPrivateKey()!.ExportPkcs8PrivateKeyPem(),
            "cert" => server.ExportCertificatePem(),
            _ => name,
        };
        bool made = TlsCredentials.TryCreate(
            new SSLConfig { ServerKey = Fill(key), ServerCert = Fill(certificate), CustomCa = Fill(root) }, out TlsCredentials? credentials, out IReadOnlyList<string> found);
        credentials?.Dispose();
        made.ShouldBe(faults.Length == 0);
        string.Join('|', found).ShouldBe(faults);
    }

    private static TlsCredentials Credentials(SSLConfig config)
    {
        TlsCredentials.TryCreate(config, out TlsCredentials? credentials, out IReadOnlyList<string> faults).ShouldBeTrue(string.Join(' ', faults));
        return credentials!;
    }

    private static async Task<StatusCode> CallAsync(GrpcTestClient client) =>
        (await client.CallAsync(Status, new GetModelStatusRequest { ModelSpec = new ModelSpec { Name = "default" } })).Status.Code;

    /// <returns>Null: no connection came about.</returns>
    private async Task<StatusCode?> CallAsync(TestServer server, params X509Certificate2[] certificates)
    {
        using var client = new GrpcTestClient(server.GrpcPort, _certificates.Root, certificates);
        try
        {
            return await CallAsync(client);
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    private SSLConfig Config(X509Certificate2? customCa, bool verify)
    {
        X509Certificate2 certificate = _certificates.Make("localhost");
        return new SSLConfig
        {
            ServerKey = TestCertificates.KeyOf(certificate),
            ServerCert = certificate.ExportCertificatePem(),
            CustomCa = customCa?.ExportCertificatePem() ?? "",
            ClientVerify = verify,
        };
    }
}
