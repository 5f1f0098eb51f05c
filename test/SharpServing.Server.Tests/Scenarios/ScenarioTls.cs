using System.Security.Cryptography.X509Certificates;
using SharpServing.Server.Tests.Support;

namespace SharpServing.Server.Tests.Scenarios;

/// <summary>The keys that stand behind <c>$KEY</c> and its like in the recordings, and the clients that are named there.</summary>
internal sealed class ScenarioTls : IDisposable
{
    private readonly TestCertificates _certificates = new();
    private readonly X509Certificate2 _server;
    private readonly X509Certificate2 _client;
    private readonly X509Certificate2 _other;

    public ScenarioTls()
    {
        _server = _certificates.Make("localhost");
        _client = _certificates.Make("client");
        _other = _certificates.Make("other");
    }

    public string Fill(string text) => text
        .Replace("$OTHERKEY", TestCertificates.Quote(TestCertificates.KeyOf(_other)), StringComparison.Ordinal)
        .Replace("$KEY", TestCertificates.Quote(TestCertificates.KeyOf(_server)), StringComparison.Ordinal)
        .Replace("$CERT", TestCertificates.Quote(_server.ExportCertificatePem()), StringComparison.Ordinal)
        .Replace("$CA", TestCertificates.Quote(_certificates.Root.ExportCertificatePem()), StringComparison.Ordinal);

    public GrpcTestClient Connect(string client, int port, string socketPath) => client switch
    {
        "plain text client" => new GrpcTestClient(port),
        "plain text over the unix socket" => new GrpcTestClient(socketPath),
        "TLS client with the CA" => new GrpcTestClient(port, _certificates.Root),
        "TLS client with a certificate" => new GrpcTestClient(port, _certificates.Root, _client),
        "TLS client that does not know the CA" => new GrpcTestClient(port, root: null),
        _ => throw new NotSupportedException(client),
    };

    public void Dispose() => _certificates.Dispose();
}
