namespace SharpServing.Server.Tests.Support;

/// <summary>What came on a stream of <see cref="RawHttp2Client"/>.</summary>
internal sealed class RawHttp2Answer
{
    public List<(string Name, string Value)> Headers { get; } = [];

    public List<byte> Data { get; } = [];

    public List<(string Name, string Value)> Trailers { get; } = [];

    /// <summary>The server said that this was all.</summary>
    public bool Ended { get; set; }

    /// <summary>The code of RST_STREAM.</summary>
    public int? Reset { get; set; }

    /// <summary>The code of GOAWAY.</summary>
    public int? GoAway { get; set; }

    /// <summary>Null: no such header or trailer.</summary>
    public string? Find(string name) =>
        Headers.Concat(Trailers).Where(header => header.Name == name).Select(static header => header.Value).FirstOrDefault();
}
