using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Tensorflow.Serving;

namespace SharpServing.Server.Hosting.Tls;

/// <summary>
/// What the gRPC listeners show and ask for, made of an SSLConfig: one key with its chain, and, where clients have to show a certificate,
/// whom they are trusted by. Immutable.
/// </summary>
/// <remarks>Rules: gRPC C++, ssl_transport_security.cc; of a chain in PEM, what follows the first block that does not parse is left out.</remarks>
internal sealed class TlsCredentials : IDisposable
{
    private readonly X509Certificate2 _certificate;
    private readonly X509Certificate2Collection _chain;
    private readonly X509Certificate2Collection _clientRoots;

    private TlsCredentials(X509Certificate2 certificate, X509Certificate2Collection chain, X509Certificate2Collection clientRoots, bool verifyClients)
    {
        _certificate = certificate;
        _chain = chain;
        _clientRoots = clientRoots;
        bool tellsTrust = verifyClients && clientRoots.Count > 0 && OperatingSystem.IsLinux();
        Options = new SslServerAuthenticationOptions
        {
            // Offline: a server does not ask elsewhere for the missing parts of its own chain.
            ServerCertificateContext = SslStreamCertificateContext.Create(
                certificate, chain, offline: true, tellsTrust ? SslCertificateTrust.CreateForX509Collection(clientRoots, sendTrustInHandshake: true) : null),
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            ApplicationProtocols = [SslApplicationProtocol.Http2],
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        };
        if (verifyClients)
        {
            Options.ClientCertificateRequired = true;
            Options.CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
                DisableCertificateDownloads = true,
            };
            Options.CertificateChainPolicy.CustomTrustStore.AddRange(clientRoots);
            Options.RemoteCertificateValidationCallback = IsTrusted;
        }
    }

    /// <summary>Of each handshake; nobody changes them.</summary>
    public SslServerAuthenticationOptions Options { get; }

    /// <param name="config">PEM texts.</param>
    /// <param name="credentials">Null when something is wrong.</param>
    /// <param name="faults">What gRPC logs then.</param>
    public static bool TryCreate(SSLConfig config, out TlsCredentials? credentials, out IReadOnlyList<string> faults)
    {
        credentials = null;
        faults = [];
        X509Certificate2Collection chain = ReadCertificates(config.ServerCert);
        if (chain.Count == 0)
        {
            faults = ["Invalid cert chain file."];
            return false;
        }

        X509Certificate2 certificate;
        try
        {
            certificate = WithKey(chain[0], config.ServerKey);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            DisposeAll(chain);
            faults = ["Invalid private key."];
            return false;
        }

        X509Certificate2Collection roots = ReadCertificates(config.CustomCa);
        if (roots.Count == 0 && config.CustomCa.Length > 0)
        {
            certificate.Dispose();
            DisposeAll(chain);
            faults = ["Could not load any root certificate.", "Invalid verification certs."];
            return false;
        }

        credentials = new TlsCredentials(certificate, chain, roots, config.ClientVerify);
        return true;
    }

    public void Dispose()
    {
        _certificate.Dispose();
        DisposeAll(_chain);
        DisposeAll(_clientRoots);
    }

    /// <summary>The first certificate with its key: PKCS#1, PKCS#8 or SEC 1, RSA or EC.</summary>
    /// <exception cref="CryptographicException">No key that can be read.</exception>
    /// <exception cref="ArgumentException">The key of another certificate.</exception>
    private static X509Certificate2 WithKey(X509Certificate2 certificate, string key)
    {
        X509Certificate2 pair = X509Certificate2.CreateFromPem(certificate.ExportCertificatePem(), key);
        if (!OperatingSystem.IsWindows())
        {
            return pair;
        }

        // There the system's TLS takes no key that lives in this process only.
        using (pair)
        {
            return X509CertificateLoader.LoadPkcs12(pair.Export(X509ContentType.Pfx), null);
        }
    }

    private static X509Certificate2Collection ReadCertificates(string pem)
    {
        var certificates = new X509Certificate2Collection();
        ReadOnlySpan<char> rest = pem;
        while (PemEncoding.TryFind(rest, out PemFields block))
        {
            if (rest[block.Label] is "CERTIFICATE" or "X509 CERTIFICATE")
            {
                byte[] bytes = new byte[block.DecodedDataLength];
                try
                {
                    Convert.TryFromBase64Chars(rest[block.Base64Data], bytes, out _);
                    certificates.Add(X509CertificateLoader.LoadCertificate(bytes));
                }
                catch (CryptographicException)
                {
                    break;
                }
            }

            rest = rest[block.Location.End..];
        }

        return certificates;
    }

    private static void DisposeAll(X509Certificate2Collection certificates)
    {
        foreach (X509Certificate2 certificate in certificates)
        {
            certificate.Dispose();
        }
    }

    /// <summary>A chain may end at any certificate of custom_ca, at an intermediate one, too.</summary>
    private bool IsTrusted(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors == SslPolicyErrors.None)
        {
            return true;
        }

        if (errors != SslPolicyErrors.RemoteCertificateChainErrors || chain is null)
        {
            return false;
        }

        foreach (X509ChainStatus status in chain.ChainStatus)
        {
            if (status.Status is not (X509ChainStatusFlags.PartialChain or X509ChainStatusFlags.UntrustedRoot))
            {
                return false;
            }
        }

        foreach (X509ChainElement element in chain.ChainElements)
        {
            foreach (X509Certificate2 root in _clientRoots)
            {
                if (element.Certificate.RawDataMemory.Span.SequenceEqual(root.RawDataMemory.Span))
                {
                    return true;
                }
            }
        }

        return false;
    }
}
