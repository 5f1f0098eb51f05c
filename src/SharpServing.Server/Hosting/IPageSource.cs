namespace SharpServing.Server.Hosting;

/// <summary>Pages beside the API on the REST port: the demo page, the metrics page. Thread-safe; called once a request, must not block.</summary>
public interface IPageSource
{
    /// <param name="method">As sent: <c>GET</c>, <c>POST</c>.</param>
    /// <param name="target">Path, with the query and the fragment where there are any, as sent.</param>
    /// <param name="page">The answer, when this source has one.</param>
    bool TryGetPage(string method, string target, out Page page);
}
