using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using SharpServing.Conformance.Tests.Grpc;
using SharpServing.Conformance.Tests.Support;
using SharpServing.Server.Tests.Support;
using SharpServing.TestSupport;

namespace SharpServing.Conformance.Tests.Startup;

/// <summary>Rows of section S about <c>--ssl_config_file</c>.</summary>
internal static class TlsCases
{
    public static Task TlsAsync() => WithServerAsync("", async (port, certificate, server) =>
    {
        (await CallAsync(port, certificate)).ShouldBe(HttpStatusCode.OK);
        using var plain = new GrpcTestClient(port);
        await Should.ThrowAsync<HttpRequestException>(plain.CallAsync(GrpcCalls.Predict, GrpcCalls.PredictX(GrpcCalls.Spec("default"), 2)));
        server.Text.ShouldContain("Using SSL credentials");
    });

    public static Task NoClientCertificateAsync() => WithServerAsync("client_verify: true", async (port, certificate, _) =>
        await Should.ThrowAsync<HttpRequestException>(CallAsync(port, certificate)));

    private static async Task WithServerAsync(string more, Func<int, X509Certificate2, ServerProcess, Task> test)
    {
        string folder = Directory.CreateTempSubdirectory("conformance-tls-").FullName;
        string file = Path.Combine(folder, "ssl");
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        using RSA key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using X509Certificate2 certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        await File.WriteAllTextAsync(
            file,
            $"server_key: \"{OneLine(key.ExportPkcs8PrivateKeyPem())}\"\nserver_cert: \"{OneLine(certificate.ExportCertificatePem())}\"\n"
            + $"custom_ca: \"{OneLine(certificate.ExportCertificatePem())}\"\n{more}\n");
        int port = ServerProcess.FreePort();
        await using ServerProcess server = await StartupCases.ServeAsync(
            "Running gRPC ModelServer",
            $"--port={port}",
            $"--ssl_config_file={file}",
            $"--model_base_path={SharedData.PathOf("models", "tfs_half_plus_two_cpu")}");
        await test(port, certificate, server);
        Directory.Delete(folder, recursive: true);
    }

    private static string OneLine(string pem) => pem.ReplaceLineEndings("\\n") + "\\n";

    private static async Task<HttpStatusCode> CallAsync(int port, X509Certificate2 certificate)
    {
        using var handler = new SocketsHttpHandler { SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, sent, _, _) => certificate.Equals(sent) } };
        using var client = new HttpClient(handler) { Timeout = ConformanceServer.Patience };
        using var request = new HttpRequestMessage(HttpMethod.Post, $"https://localhost:{port}{GrpcCalls.Predict}")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(GrpcTestClient.Frame(Google.Protobuf.MessageExtensions.ToByteArray(GrpcCalls.PredictX(GrpcCalls.Spec("default"), 2)))),
        };
        request.Content.Headers.TryAddWithoutValidation("content-type", "application/grpc");
        request.Headers.TryAddWithoutValidation("te", "trailers");
        using HttpResponseMessage response = await client.SendAsync(request);
        await response.Content.ReadAsByteArrayAsync();
        response.TrailingHeaders.GetValues("grpc-status").Single().ShouldBe("0");
        return response.StatusCode;
    }
}
