using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using SharpServing.Server.Grpc;
using SharpServing.Server.Hosting.Epoll;
using SharpServing.Server.Rest;
using SharpServing.Server.Rest.Http;
using SharpServing.Server.Services;
using SharpServing.Serving;

namespace SharpServing.Server.Hosting;

/// <summary>
/// Both front ends. They start one after the other, as the original's do, so that the second may fail while the first serves.
/// Not thread-safe: one owner starts and stops it.
/// </summary>
public sealed class ServerHost : IAsyncDisposable
{
    private readonly ServerHostOptions _options;
    private readonly FrontEndServices _services;
    private readonly ILoggerFactory _loggers;
    private readonly EpollLoops? _loops;
    private readonly CancellationTokenSource _stopping = new();
    private ServiceProvider? _grpc;
    private ServiceProvider? _rest;

    /// <param name="reloader">Null: HandleReloadConfigRequest is UNIMPLEMENTED.</param>
    public ServerHost(ServerHostOptions options, IServableDirectory directory, IModelConfigReloader? reloader, ILoggerFactory loggers)
    {
        _options = options;
        _services = new FrontEndServices(options, directory, reloader);
        _loggers = loggers;
        _loops = options.Transport == Transport.Default && EpollLoops.IsSupported ? new EpollLoops(loggers.CreateLogger<EpollLoop>()) : null;
    }

    /// <summary>What probes are told.</summary>
    public Readiness Readiness => _services.Readiness;

    /// <summary>The bound TCP port; null before <see cref="StartGrpcAsync"/> and without a TCP listener.</summary>
    public int? GrpcPort { get; private set; }

    /// <summary>The bound TCP port; null before <see cref="StartRestAsync"/>.</summary>
    public int? RestPort { get; private set; }

    /// <summary>Opens the gRPC listeners. Answers are possible before the task ends.</summary>
    /// <returns>INVALID_ARGUMENT when an address cannot be bound.</returns>
    public async Task<ServingStatus> StartGrpcAsync(CancellationToken cancellation = default)
    {
        // A handshake takes about a millisecond, and whoever decrypts goes on with it: too long for a thread of many connections.
        PipeScheduler readers = _options.GrpcTls is null ? PipeScheduler.Inline : PipeScheduler.ThreadPool;
        var transport = new TransportSettings(_loops, readers, _options.GrpcConnections.ReusePort ? ListenSockets.BindShared : ListenSockets.Bind);
        _grpc = KestrelServices.Build(_loggers, transport, ConfigureGrpc);
        (ServingStatus status, GrpcPort) = await StartAsync(_grpc, new GrpcApplication(_services, _loggers.CreateLogger<GrpcApplication>(), _stopping.Token), "Failed to BuildAndStart gRPC server", cancellation);
        return status;
    }

    /// <summary>Opens the REST listener.</summary>
    /// <param name="metricsPath">Path of the metrics page; null: none.</param>
    /// <returns>INVALID_ARGUMENT when the address cannot be bound; gRPC goes on serving.</returns>
    public async Task<ServingStatus> StartRestAsync(string? metricsPath = null, CancellationToken cancellation = default)
    {
        _rest = KestrelServices.Build(_loggers, new TransportSettings(_loops, PipeScheduler.Inline, ListenSockets.Bind), kestrel => ConfigureRest(kestrel, metricsPath));
        (ServingStatus status, RestPort) =
            await StartAsync(_rest, new GrpcApplication(_services, _loggers.CreateLogger<GrpcApplication>(), _stopping.Token), $"Failed to start HTTP Server at localhost:{_options.RestPort}", cancellation);
        return status;
    }

    /// <summary>
    /// Stops listening and waits for the requests in flight until <paramref name="cancellation"/> ends the wait. Calls that stay open until
    /// the client ends them are ended.
    /// </summary>
    public async Task StopAsync(CancellationToken cancellation = default)
    {
        await _stopping.CancelAsync();
        Task rest = _rest is null ? Task.CompletedTask : KestrelServices.ServerOf(_rest).StopAsync(cancellation);
        Task grpc = _grpc is null ? Task.CompletedTask : KestrelServices.ServerOf(_grpc).StopAsync(cancellation);
        await Task.WhenAll(rest, grpc);
    }

    public async ValueTask DisposeAsync()
    {
        if (_rest is not null)
        {
            await _rest.DisposeAsync();
        }

        if (_grpc is not null)
        {
            await _grpc.DisposeAsync();
        }

        _loops?.Dispose();
        _stopping.Dispose();
    }

    private static async Task<(ServingStatus Status, int? Port)> StartAsync(
        ServiceProvider services, IHttpApplication<IFeatureCollection> application, string failure, CancellationToken cancellation)
    {
        IServer server = KestrelServices.ServerOf(services);
        try
        {
            await server.StartAsync(application, cancellation);
        }
        catch (Exception e) when (e is IOException or SocketException or InvalidOperationException)
        {
            return (ServingStatus.InvalidArgument(failure), null);
        }

        foreach (string address in server.Features.GetRequiredFeature<IServerAddressesFeature>().Addresses)
        {
            if (Uri.TryCreate(address, UriKind.Absolute, out Uri? uri) && uri.Port > 0)
            {
                return (ServingStatus.Ok, uri.Port);
            }
        }

        return (ServingStatus.Ok, null);
    }

    private static void ConfigureBoth(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = null;
        kestrel.Limits.MinRequestBodyDataRate = null;
        kestrel.Limits.MinResponseDataRate = null;

        // An idle connection stays, as in the original. Kestrel adds this to its clock: no limit at all overflows there, and idle connections
        // are then closed every second.
        kestrel.Limits.KeepAliveTimeout = TimeSpan.FromDays(365);
    }

    private void ConfigureGrpc(KestrelServerOptions kestrel)
    {
        ConfigureBoth(kestrel);
        kestrel.AllowAlternateSchemes = true;
        kestrel.Limits.MaxRequestHeadersTotalSize = _options.Limits.MaxGrpcHeaderBytes;
        Http2Limits limits = kestrel.Limits.Http2;
        limits.MaxRequestHeaderFieldSize = _options.Limits.MaxGrpcHeaderBytes;
        GrpcConnectionOptions connections = _options.GrpcConnections;
        limits.MaxStreamsPerConnection = connections.MaxStreams ?? _options.Limits.MaxStreamsPerConnection;
        limits.KeepAlivePingDelay = AtLeastASecond(connections.KeepAliveTime) ?? limits.KeepAlivePingDelay;
        limits.KeepAlivePingTimeout = AtLeastASecond(connections.KeepAliveTimeout) ?? limits.KeepAlivePingTimeout;
        kestrel.Limits.KeepAliveTimeout = connections.MaxIdle ?? kestrel.Limits.KeepAliveTimeout;

        // Kestrel does not measure the path: with its default windows, parallel uploads over 10 ms take four times as long.
        limits.InitialConnectionWindowSize = 64 << 20;
        limits.InitialStreamWindowSize = 16 << 20;
        limits.MaxFrameSize = 1 << 20;
        if (_options.GrpcPort is int port)
        {
            kestrel.Listen(_options.GrpcAddress, port, ConfigureListener);
        }

        if (!string.IsNullOrEmpty(_options.GrpcSocketPath))
        {
            kestrel.ListenUnixSocket(Path.GetFullPath(_options.GrpcSocketPath), ConfigureListener);
        }
    }

    private static TimeSpan? AtLeastASecond(TimeSpan? time) => time < TimeSpan.FromSeconds(1) ? TimeSpan.FromSeconds(1) : time;

    private void ConfigureListener(ListenOptions listen)
    {
        listen.Protocols = HttpProtocols.Http2;
        if (_options.GrpcConnections is { MaxAge: { } age } connections)
        {
            listen.Use(next => ConnectionAge.Around(next, age, connections.MaxAgeGrace));
        }

        if (_options.GrpcTls is { } tls)
        {
            listen.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = _ => ValueTask.FromResult(tls.Options) });
        }

        listen.Use(next => new PrefaceCheck(listen.KestrelServerOptions.Limits, next).RunAsync);
        listen.Use(EarlyResets.Around);
    }

    private void ConfigureRest(KestrelServerOptions kestrel, string? metricsPath)
    {
        ConfigureBoth(kestrel);
        bool noIPv6 = _options.RestAddress.Equals(IPAddress.IPv6Any) && !Socket.OSSupportsIPv6;
        IPAddress address = noIPv6 ? IPAddress.Any : _options.RestAddress;
        kestrel.Listen(address, _options.RestPort ?? 0, listen =>
        {
            var handler = new RestHandler(_services, metricsPath);
            ILogger<HttpConnection> log = _loggers.CreateLogger<HttpConnection>();
            listen.Use(_ => connection => new HttpConnection(connection, _options.Limits, TimeProvider.System, handler.Handle, log).RunAsync());
        });
    }
}
