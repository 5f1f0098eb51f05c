using System.Buffers;
using System.Text;

namespace SharpServing.Server.Rest.Http;

/// <summary>What goes back for one request. Used again for the next request of the connection.</summary>
internal sealed class HttpAnswer
{
    public const string Json = "application/json";
    public const string Text = "text/plain";
    private const string Html = "text/html";

    private readonly PooledBufferWriter _body = new(1024);

    public int Status { get; set; }

    /// <summary>Null: libevent's default.</summary>
    public string? ContentType { get; set; }

    /// <summary>Adds the CORS headers.</summary>
    public bool HasCors { get; set; }

    /// <summary>The connection ends behind this answer: it is a page of libevent's own, or the server drains.</summary>
    public bool Closes { get; private set; }

    /// <summary>It is a page of libevent's own (<see cref="SetPage"/>).</summary>
    public bool IsPage { get; private set; }

    /// <summary>Asks the handler: other connections wait for this thread, so that only a short request may run on it.</summary>
    public bool MustBeShort { get; set; }

    /// <summary>The handler's answer to that: it did nothing, and is to be called again on another thread.</summary>
    public bool IsPutOff { get; set; }

    public IBufferWriter<byte> Output => _body;

    public ReadOnlyMemory<byte> Body => _body.WrittenMemory;

    public void Reset()
    {
        Status = 200;
        ContentType = Json;
        HasCors = false;
        Closes = false;
        IsPage = false;
        MustBeShort = false;
        IsPutOff = false;
        ClearBody();
    }

    public void CloseConnection() => Closes = true;

    /// <summary>Gives the memory back too: an idle connection holds none.</summary>
    public void ClearBody() => _body.Clear();

    /// <summary>libevent's error page.</summary>
    public void SetPage(int status)
    {
        ClearBody();
        Status = status;
        ContentType = Html;
        Closes = true;
        IsPage = true;
        string reason = HttpReasons.Of(status);
        string page = string.Create(
            System.Globalization.CultureInfo.InvariantCulture,
            $"<HTML><HEAD>\n<TITLE>{status} {reason}</TITLE>\n</HEAD><BODY>\n<H1>{reason}</H1>\n</BODY></HTML>\n");
        _body.Write(Encoding.ASCII.GetBytes(page));
    }
}
