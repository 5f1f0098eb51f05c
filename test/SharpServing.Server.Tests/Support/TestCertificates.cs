using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace SharpServing.Server.Tests.Support;

/// <summary>Certificates of one test: a root, and whatever it is asked to sign. EC keys, for speed.</summary>
internal sealed class TestCertificates : IDisposable
{
    private static readonly DateTimeOffset Start = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset End = new(2090, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly List<X509Certificate2> _made = [];

    public TestCertificates() => Root = MakeAuthority("Test root", null);

    public X509Certificate2 Root { get; }

    /// <param name="name">Of the subject.</param>
    /// <param name="issuer">Null: signs itself.</param>
    public X509Certificate2 MakeAuthority(string name, X509Certificate2? issuer)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        return Keep(issuer is null ? request.CreateSelfSigned(Start, End) : Sign(request, issuer).CopyWithPrivateKey(key));
    }

    /// <summary>For localhost, both ways: servers and clients.</summary>
    public X509Certificate2 Make(string name, X509Certificate2? issuer = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return Keep(Sign(MakeRequest(new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256)), issuer ?? Root).CopyWithPrivateKey(key));
    }

    public X509Certificate2 MakeRsa(string name)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return Keep(Sign(MakeRequest(request), Root).CopyWithPrivateKey(key));
    }

    public static string KeyOf(X509Certificate2 certificate) => certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem();

    /// <summary>In a text proto: a string with its line feeds.</summary>
    public static string Quote(string pem) => $"\"{pem.Replace("\n", "\\n", StringComparison.Ordinal)}\"";

    public void Dispose() => _made.ForEach(static certificate => certificate.Dispose());

    private static CertificateRequest MakeRequest(CertificateRequest request)
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        return request;
    }

    private static X509Certificate2 Sign(CertificateRequest request, X509Certificate2 issuer)
    {
        using ECDsa key = issuer.GetECDsaPrivateKey()!;
        var generator = X509SignatureGenerator.CreateForECDsa(key);
        return request.Create(issuer.SubjectName, generator, Start, End, RandomNumberGenerator.GetBytes(8));
    }

    private X509Certificate2 Keep(X509Certificate2 certificate)
    {
        _made.Add(certificate);
        return certificate;
    }
}
