using System.Net;
using SharpServing.Server.Hosting.Tls;
using SharpServing.Server.Monitoring;
using SharpServing.Server.RequestLogging;

namespace SharpServing.Server.Hosting;

/// <summary>Where and how the front ends listen. Immutable; read once by <see cref="ServerHost"/>.</summary>
public sealed record ServerHostOptions
{
    /// <summary>Address of the gRPC TCP listener. Default: any IPv4 address.</summary>
    public IPAddress GrpcAddress { get; init; } = IPAddress.Any;

    /// <summary>TCP port of gRPC; null: no TCP listener; 0: a free one (<see cref="ServerHost.GrpcPort"/> tells which).</summary>
    public int? GrpcPort { get; init; }

    /// <summary>Path of a unix socket that also serves gRPC; null or empty: none. A relative path is taken from the working directory.</summary>
    public string? GrpcSocketPath { get; init; }

    /// <summary>TLS of both gRPC listeners (<c>ssl_config_file</c>), owned by the caller; null: in the clear. REST never has TLS.</summary>
    internal TlsCredentials? GrpcTls { get; init; }

    /// <summary>
    /// Quota of threads for gRPC calls (<c>grpc_max_threads</c>): one less than that many run at a time, the others are RESOURCE_EXHAUSTED.
    /// Null: no limit.
    /// </summary>
    public int? GrpcMaxThreads { get; init; }

    /// <summary>Rules for gRPC connections (<c>grpc_channel_arguments</c>).</summary>
    internal GrpcConnectionOptions GrpcConnections { get; init; } = new();

    /// <summary>
    /// Address of the REST listener. Default: any address of both families, or any IPv4 address where the machine has no IPv6.
    /// </summary>
    public IPAddress RestAddress { get; init; } = IPAddress.IPv6Any;

    /// <summary>TCP port of REST; null: no REST; 0: a free one (<see cref="ServerHost.RestPort"/> tells which).</summary>
    public int? RestPort { get; init; }

    /// <summary>Bounds one REST inference, from its start to its end; zero or negative: no limit. Default 30 s (<c>rest_api_timeout_in_ms</c>).</summary>
    public TimeSpan RestTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Adds the CORS headers to each /v1 answer (<c>rest_api_enable_cors_support</c>).</summary>
    public bool RestCors { get; init; }

    /// <summary>Serves grpc.health.v1.Health (<c>enable_grpc_healthcheck_service</c>).</summary>
    public bool HealthService { get; init; }

    /// <summary>gRPC Predict answers carry tensor_content (<c>enable_serialization_as_tensor_content</c>).</summary>
    public bool TensorContent { get; init; }

    /// <summary>Enforces SignatureDef.method_name (<c>enable_signature_method_name_check</c>).</summary>
    public bool CheckMethodNames { get; init; }

    /// <summary>Pages outside /v1 on the REST port; null: the original's 404 page for all of them.</summary>
    public IPageSource? Pages { get; init; }

    /// <summary>Where both front ends count.</summary>
    public ServingMetrics Metrics { get; init; } = new();

    /// <summary>Where requests are logged; null: nowhere. The owner disposes it once the host has stopped.</summary>
    public RequestLogs? RequestLogs { get; init; }

    /// <summary>What reads and writes the bytes of connections.</summary>
    public Transport Transport { get; init; }

    public ServerLimits Limits { get; init; } = new();
}
