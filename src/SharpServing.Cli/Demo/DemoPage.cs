using SharpServing.Server.Hosting;

namespace SharpServing.Cli.Demo;

/// <summary>The demo's page: three fixed files. It talks to the public REST API only.</summary>
internal sealed class DemoPage : IPageSource
{
    private readonly Dictionary<string, Page> _pages = new()
    {
        ["/"] = new Page(200, "text/html; charset=utf-8", Resources.Read("page/index.html")),
        ["/demo.css"] = new Page(200, "text/css; charset=utf-8", Resources.Read("page/demo.css")),
        ["/demo.js"] = new Page(200, "text/javascript; charset=utf-8", Resources.Read("page/demo.js")),
    };

    public bool TryGetPage(string method, string target, out Page page)
    {
        int query = target.AsSpan().IndexOfAny('?', '#');
        return _pages.TryGetValue(query < 0 ? target : target[..query], out page) && method is ("GET" or "HEAD");
    }
}
