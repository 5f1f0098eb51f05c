namespace SharpServing.Server.Hosting;

/// <summary>
/// Bounds on what one client may ask of the server. Each is checked before the memory is taken. The original has next to no limits;
/// the defaults are far above what its clients send.
/// </summary>
public sealed record ServerLimits
{
    /// <summary>
    /// Largest gRPC message, after decompression. Unit: bytes; default 2^31-1 as the original's. Beyond: RESOURCE_EXHAUSTED.
    /// </summary>
    public int MaxGrpcMessageBytes { get; init; } = int.MaxValue;

    /// <summary>Largest REST body as sent. Unit: bytes; default 2^31-1. Beyond: the 413 page, and the connection closes.</summary>
    public long MaxRestBodyBytes { get; init; } = int.MaxValue;

    /// <summary>Largest gzip body of a REST request once inflated. Unit: bytes; default 100 MiB as the original's. Beyond: an empty body.</summary>
    public int MaxInflatedBodyBytes { get; init; } = 100 << 20;

    /// <summary>Request line and headers of a REST request. Unit: bytes; default 16 MiB. Beyond: the 400 page, and the connection closes.</summary>
    public int MaxRestHeaderBytes { get; init; } = 16 << 20;

    /// <summary>Headers of a gRPC call. Unit: bytes; default 64 KiB. Beyond: the stream is reset.</summary>
    public int MaxGrpcHeaderBytes { get; init; } = 64 << 10;

    /// <summary>Nesting of JSON values. Default 1,000,000: the parser keeps one bit a level, so depth costs a client more than the server.</summary>
    public int MaxJsonDepth { get; init; } = 1_000_000;

    /// <summary>
    /// Largest tensor that a request may ask for by its shape. Unit: bytes; default 2^31-1, which is also the most that one span holds.
    /// Beyond: the answer to a tensor that does not parse.
    /// </summary>
    public long MaxTensorBytes { get; init; } = int.MaxValue;

    /// <summary>Calls at a time on one gRPC connection. Default 2^31-1, as the original's.</summary>
    public int MaxStreamsPerConnection { get; init; } = int.MaxValue;

    /// <summary>A REST connection without a byte from the client for this long is closed. Default 50 s, as libevent's; zero: never.</summary>
    public TimeSpan RestReadTimeout { get; init; } = TimeSpan.FromSeconds(50);
}
