namespace SharpServing.Server.Hosting;

/// <summary>What <c>grpc_channel_arguments</c> says about connections. Null: the default.</summary>
internal sealed record GrpcConnectionOptions
{
    /// <summary>Calls at a time on one connection (<c>grpc.max_concurrent_streams</c>).</summary>
    public int? MaxStreams { get; set; }

    /// <summary>Largest request. Unit: bytes (<c>grpc.max_receive_message_length</c>).</summary>
    public int? MaxReceiveBytes { get; set; }

    /// <summary>Largest answer. Unit: bytes (<c>grpc.max_send_message_length</c>).</summary>
    public int? MaxSendBytes { get; set; }

    /// <summary>Silence before the server pings (<c>grpc.keepalive_time_ms</c>); at least a second.</summary>
    public TimeSpan? KeepAliveTime { get; set; }

    /// <summary>How long it waits for the answer to a ping (<c>grpc.keepalive_timeout_ms</c>); at least a second.</summary>
    public TimeSpan? KeepAliveTimeout { get; set; }

    /// <summary>A connection that is older is asked to go, once its calls have ended (<c>grpc.max_connection_age_ms</c>).</summary>
    public TimeSpan? MaxAge { get; set; }

    /// <summary>How long after that it is cut off; null: never (<c>grpc.max_connection_age_grace_ms</c>).</summary>
    public TimeSpan? MaxAgeGrace { get; set; }

    /// <summary>A connection without a call for longer is asked to go (<c>grpc.max_connection_idle_ms</c>).</summary>
    public TimeSpan? MaxIdle { get; set; }

    /// <summary>Other servers that ask for it, too, may listen on the same port (<c>grpc.so_reuseport</c>). Linux only.</summary>
    public bool ReusePort { get; set; }
}
