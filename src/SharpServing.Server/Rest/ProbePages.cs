using System.Buffers;
using SharpServing.Server.Rest.Http;
using SharpServing.Server.Services;
using HttpMethod = SharpServing.Server.Rest.Http.HttpMethod;

namespace SharpServing.Server.Rest;

/// <summary>
/// Pages for probes, beside the original's paths: <c>/healthz</c> (the process answers) and <c>/readyz</c> (traffic may come; else 503 and why).
/// For GET and HEAD; other methods have the original's 404 page.
/// </summary>
internal static class ProbePages
{
    private const string Health = "/healthz";
    private const string Ready = "/readyz";

    public static bool TryWrite(HttpHead head, Readiness readiness, HttpAnswer answer)
    {
        if (head.Method is not (HttpMethod.Get or HttpMethod.Head))
        {
            return false;
        }

        if (IsPath(head.Path, Health))
        {
            Write(answer, 200, "ok\n");
            return true;
        }

        if (!IsPath(head.Path, Ready))
        {
            return false;
        }

        IReadOnlyList<string> missing = readiness.MissingModels();
        if (readiness.IsDraining)
        {
            Write(answer, 503, "not ready: the server is stopping\n");
        }
        else if (missing.Count > 0)
        {
            Write(answer, 503, $"not ready: no version is available of {string.Join(", ", missing)}\n");
        }
        else
        {
            Write(answer, 200, "ready\n");
        }

        return true;
    }

    private static bool IsPath(string target, string path) =>
        target.StartsWith(path, StringComparison.Ordinal) && (target.Length == path.Length || target[path.Length] == '?');

    private static void Write(HttpAnswer answer, int status, string text)
    {
        answer.Status = status;
        answer.ContentType = HttpAnswer.Text;
        answer.Output.Write(StatusText.ToBytes(text));
    }
}
