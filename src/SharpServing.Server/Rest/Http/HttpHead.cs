using System.Text;
using SharpServing.Server.Telemetry;

namespace SharpServing.Server.Rest.Http;

/// <summary>
/// Request line and headers, as libevent 2.1 reads them: of the headers only what the server looks at is kept, and of a header sent twice
/// the first counts. Used again for the next request of the connection.
/// </summary>
internal sealed class HttpHead
{
    /// <summary>Bytes of <c>GET / HTTP/1.0</c>.</summary>
    private const int ShortestRequestLine = 14;

    private byte[]? _lastName;
    private byte[] _lastValue = [];
    private Seen _seen;

    /// <summary>Before the header that is being read: it may go on in the next line.</summary>
    private (bool IsChunked, bool IsChunkedTooEarly) _chunkedBefore;

    [Flags]
    private enum Seen
    {
        None = 0,
        ContentLength = 1,
        TransferEncoding = 2,
        Connection = 4,
        Expect = 8,
        ContentEncoding = 16,
        Origin = 32,
        ProxyConnection = 64,
        TraceParent = 128,
        TraceState = 256,
    }

    public enum ConnectionOption
    {
        Missing,
        Close,
        KeepAlive,
        Other,
    }

    public enum Framing
    {
        None,
        Length,
        Chunked,
        Bad,
    }

    public HttpMethod Method { get; private set; }

    /// <summary>As sent.</summary>
    public string MethodName { get; private set; } = "";

    /// <summary>Path, query and fragment, not decoded; empty without <see cref="HasPath"/>.</summary>
    public string Path { get; private set; } = "";

    /// <summary>False: the target is no URI. That is told only when the whole request is there.</summary>
    public bool HasPath { get; private set; }

    public int MajorVersion { get; private set; }

    public int MinorVersion { get; private set; }

    /// <summary>The target was <c>http://host/…</c>: the Proxy-Connection header says whether the connection stays.</summary>
    public bool IsProxy { get; private set; }

    public ConnectionOption Connection { get; private set; }

    public ConnectionOption ProxyConnection { get; private set; }

    /// <summary>Body bytes announced; negative: the header is no number.</summary>
    public long ContentLength { get; private set; }

    public bool ExpectsContinue { get; private set; }

    public bool ExpectsOther { get; private set; }

    /// <summary>Content-Encoding contains <c>gzip</c>.</summary>
    public bool IsGzip { get; private set; }

    /// <summary>Origin contains <c>http://</c> or <c>https://</c>.</summary>
    public bool HasHttpOrigin { get; private set; }

    /// <summary>W3C trace context; null where the client sent none, and while nobody looks at spans.</summary>
    public string? TraceParent { get; private set; }

    public string? TraceState { get; private set; }

    /// <summary>The last coding of all Transfer-Encoding headers is <c>chunked</c>.</summary>
    private bool IsChunked { get; set; }

    /// <summary>Another coding follows <c>chunked</c>.</summary>
    private bool IsChunkedTooEarly { get; set; }

    /// <summary>How the body is delimited; of a method without one only what is always refused: two ways, or a coding behind <c>chunked</c>.</summary>
    public Framing BodyFraming
    {
        get
        {
            bool hasLength = _seen.HasFlag(Seen.ContentLength);
            if (_seen.HasFlag(Seen.TransferEncoding) && (hasLength || IsChunkedTooEarly))
            {
                return Framing.Bad;
            }

            if (!Method.MayHaveBody())
            {
                return Framing.None;
            }

            if (IsChunked)
            {
                return Framing.Chunked;
            }

            return !hasLength || ContentLength == 0 ? Framing.None : ContentLength < 0 ? Framing.Bad : Framing.Length;
        }
    }

    /// <summary>The connection is kept only when the client of HTTP/1.0 asks for it.</summary>
    public bool IsKeptAlive => Connection == ConnectionOption.KeepAlive;

    public bool AsksToClose => IsProxy ? ProxyConnection != ConnectionOption.KeepAlive : Connection == ConnectionOption.Close;

    /// <summary>True for HTTP/1.1 and later.</summary>
    public bool IsPersistentVersion => MajorVersion > 1 || (MajorVersion == 1 && MinorVersion >= 1);

    /// <summary>Forgets the last request; the version is 1.1 until one is read.</summary>
    public void Reset()
    {
        Method = HttpMethod.Unknown;
        MethodName = "";
        Path = "";
        HasPath = false;
        MajorVersion = 1;
        MinorVersion = 1;
        IsProxy = false;
        Connection = ConnectionOption.Missing;
        ProxyConnection = ConnectionOption.Missing;
        ContentLength = 0;
        ExpectsContinue = false;
        ExpectsOther = false;
        IsGzip = false;
        HasHttpOrigin = false;
        TraceParent = null;
        TraceState = null;
        IsChunked = false;
        IsChunkedTooEarly = false;
        _seen = Seen.None;
        _lastName = null;
    }

    /// <summary>An error page is of version 1.1 when the request's has a zero, as in libevent.</summary>
    public void MakePageVersion()
    {
        if (MajorVersion == 0 || MinorVersion == 0)
        {
            MajorVersion = 1;
            MinorVersion = 1;
        }
    }

    /// <param name="line">Without its end.</param>
    /// <returns>False for the 400 page.</returns>
    public bool TryReadRequestLine(ReadOnlySpan<byte> line)
    {
        line = line.TrimEnd((byte)' ');
        bool isLongEnough = line.Length >= ShortestRequestLine;
        line = HttpText.BeforeNul(line);
        int first = line.IndexOf((byte)' ');
        int last = line.LastIndexOf((byte)' ');
        if (!isLongEnough || first < 0 || last <= first + 1)
        {
            return false;
        }

        ReadOnlySpan<byte> method = line[..first];
        Method = HttpMethods.Parse(method);
        MethodName = Method == HttpMethod.Unknown ? Encoding.Latin1.GetString(method) : Method.ToName();
        if (!TryReadVersion(line[(last + 1)..]))
        {
            return false;
        }

        ReadOnlySpan<byte> target = line[(first + 1)..last];
        if (Method == HttpMethod.Connect)
        {
            return HttpUri.BeginsWithAuthority(target);
        }

        // What is a URI is a target as well: only others are read the other way.
        HasPath = HttpUri.TryParse(target, out string path, out bool isProxy);
        bool isTarget = HasPath || HttpUri.TryRead(target, out isProxy);
        Path = path;
        IsProxy = isProxy;
        return isTarget;
    }

    /// <param name="line">Without its end.</param>
    /// <param name="isEnd">The line is empty: the headers end.</param>
    /// <returns>False for the 400 page.</returns>
    public bool TryReadHeader(ReadOnlySpan<byte> line, out bool isEnd)
    {
        line = HttpText.BeforeNul(line);
        isEnd = line.IsEmpty;
        if (isEnd)
        {
            return true;
        }

        if (line[0] is (byte)' ' or (byte)'\t')
        {
            return TryContinueHeader(line);
        }

        if (!HttpText.IsHeader(line))
        {
            return false;
        }

        int colon = line.IndexOf((byte)':');
        Seen header = Find(line[..colon]);
        ReadOnlySpan<byte> value = line[(colon + 1)..].TrimStart((byte)' ').TrimEnd(" \t"u8);
        _lastName = [];
        if (header == Seen.None || (_seen.HasFlag(header) && header != Seen.TransferEncoding))
        {
            return true;
        }

        _seen |= header;
        _chunkedBefore = (IsChunked, IsChunkedTooEarly);
        _lastName = line[..colon].ToArray();
        _lastValue = value.ToArray();
        Keep(header, value);
        return true;
    }

    private static Seen Find(ReadOnlySpan<byte> name) => name.Length switch
    {
        6 when Is(name, "Expect"u8) => Seen.Expect,
        6 when Is(name, "Origin"u8) => Seen.Origin,
        10 when Is(name, "Connection"u8) => Seen.Connection,
        10 when ServerTrace.IsOn && Is(name, "tracestate"u8) => Seen.TraceState,
        11 when ServerTrace.IsOn && Is(name, "traceparent"u8) => Seen.TraceParent,
        14 when Is(name, "Content-Length"u8) => Seen.ContentLength,
        16 when Is(name, "Content-Encoding"u8) => Seen.ContentEncoding,
        16 when Is(name, "Proxy-Connection"u8) => Seen.ProxyConnection,
        17 when Is(name, "Transfer-Encoding"u8) => Seen.TransferEncoding,
        _ => Seen.None,
    };

    private static bool Is(ReadOnlySpan<byte> name, ReadOnlySpan<byte> header) => Ascii.EqualsIgnoreCase(name, header);

    private static ConnectionOption ParseConnection(ReadOnlySpan<byte> value)
    {
        if (Is(value, "close"u8))
        {
            return ConnectionOption.Close;
        }

        return value.Length >= 10 && Is(value[..10], "keep-alive"u8) ? ConnectionOption.KeepAlive : ConnectionOption.Other;
    }

    private bool TryContinueHeader(ReadOnlySpan<byte> line)
    {
        if (_lastName is null)
        {
            return false;
        }

        if (_lastName.Length > 0)
        {
            _lastValue = [.. _lastValue, (byte)' ', .. line.Trim(" \t"u8)];
            Keep(Find(_lastName), _lastValue);
        }

        return true;
    }

    private void Keep(Seen header, ReadOnlySpan<byte> value)
    {
        switch (header)
        {
            case Seen.ContentLength:
                ContentLength = HttpText.ParseLength(value);
                break;
            case Seen.TransferEncoding:
                KeepCodings(value);
                break;
            case Seen.Connection:
                Connection = ParseConnection(value);
                break;
            case Seen.ProxyConnection:
                ProxyConnection = ParseConnection(value);
                break;
            case Seen.Expect:
                ExpectsContinue = Is(value, "100-continue"u8);
                ExpectsOther = !ExpectsContinue;
                break;
            case Seen.ContentEncoding:
                IsGzip = value.IndexOf("gzip"u8) >= 0;
                break;
            case Seen.TraceParent:
                TraceParent = Encoding.Latin1.GetString(value);
                break;
            case Seen.TraceState:
                TraceState = Encoding.Latin1.GetString(value);
                break;
            case Seen.Origin:
                HasHttpOrigin = value.IndexOf("http://"u8) >= 0 || value.IndexOf("https://"u8) >= 0;
                break;
        }
    }

    private void KeepCodings(ReadOnlySpan<byte> value)
    {
        (IsChunked, IsChunkedTooEarly) = _chunkedBefore;
        foreach (Range range in value.Split((byte)','))
        {
            IsChunkedTooEarly |= IsChunked;
            ReadOnlySpan<byte> coding = value[range].TrimStart(" \t"u8);
            int end = coding.IndexOfAny(" \t;"u8);
            IsChunked = Is(end < 0 ? coding : coding[..end], "chunked"u8);
        }
    }

    private bool TryReadVersion(ReadOnlySpan<byte> text)
    {
        if (!text.StartsWith("HTTP/"u8))
        {
            return false;
        }

        text = text[5..];
        if (!HttpText.TryReadNumber(ref text, out int major) || !text.StartsWith("."u8))
        {
            return false;
        }

        text = text[1..];
        if (!HttpText.TryReadNumber(ref text, out int minor) || !text.IsEmpty || major > 1)
        {
            return false;
        }

        // libevent keeps them in a byte each.
        MajorVersion = unchecked((sbyte)major);
        MinorVersion = unchecked((sbyte)minor);
        return true;
    }
}
