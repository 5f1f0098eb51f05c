using SharpServing.Server.Configuration;
using SharpServing.Server.Hosting.Tls;
using SharpServing.Server.Logging;
using Tensorflow.Serving;

namespace SharpServing.Server.Startup;

/// <summary>How the gRPC listeners are secured, as the flags say.</summary>
internal sealed class ListenerCredentials : IDisposable
{
    private readonly bool _isSecure;
    private readonly IReadOnlyList<string> _faults;

    private ListenerCredentials(bool isSecure, TlsCredentials? tls, IReadOnlyList<string> faults)
    {
        _isSecure = isSecure;
        _faults = faults;
        Tls = tls;
    }

    /// <summary>Null: in the clear, or not <see cref="CheckUsable"/>.</summary>
    public TlsCredentials? Tls { get; }

    /// <returns>False when the file is not what it should be: the original aborts, and so must the caller.</returns>
    public static bool TryRead(string sslConfigFile, ServerLog log, out ListenerCredentials? credentials)
    {
        credentials = null;
        if (sslConfigFile.Length == 0)
        {
            credentials = new ListenerCredentials(isSecure: false, null, []);
            return true;
        }

        var config = new SSLConfig();
        ServingStatus status = TextProtoFile.Read(sslConfigFile, config, log);
        if (!status.IsOk)
        {
            log.CheckFailed("server.cc", 125, $"ParseProtoTextFile<SSLConfig>(ssl_config_file, &ssl_config) is OK ({status})");
            return false;
        }

        TlsCredentials.TryCreate(config, out TlsCredentials? tls, out IReadOnlyList<string> faults);
        credentials = new ListenerCredentials(isSecure: true, tls, faults);
        return true;
    }

    /// <summary>Once for each listener.</summary>
    public void LogKind(ServerLog log)
    {
        if (_isSecure)
        {
            log.SslCredentials();
        }
        else
        {
            log.InsecureCredentials();
        }
    }

    /// <returns>INVALID_ARGUMENT for keys and certificates that no handshake can be made with.</returns>
    public ServingStatus CheckUsable(ServerLog log)
    {
        if (_faults.Count == 0)
        {
            return ServingStatus.Ok;
        }

        foreach (string fault in _faults)
        {
            log.SslFault(fault);
        }

        log.NoHandshakers();
        return ServingStatus.InvalidArgument("Failed to BuildAndStart gRPC server");
    }

    public void Dispose() => Tls?.Dispose();
}
