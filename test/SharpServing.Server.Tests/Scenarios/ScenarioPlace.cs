using System.Text;
using SharpServing.Server.Tests.Support;
using SharpServing.TestSupport;

namespace SharpServing.Server.Tests.Scenarios;

/// <summary>Where a scenario is played: <c>/models</c> and <c>/config</c> of the recording in a folder of its own, its ports as free ones.</summary>
internal sealed class ScenarioPlace : IDisposable
{
    private const string RecordedGrpcPort = "8500";
    private const string RecordedRestPort = "8501";

    private readonly Lazy<ScenarioTls> _tls = new();

    public ScenarioPlace()
    {
        Directory.CreateDirectory(Root + "/models");
        Directory.CreateDirectory(Root + "/config");
    }

    public ScenarioTls Tls => _tls.Value;

    public string Root { get; } = Directory.CreateTempSubdirectory("scenario-").FullName;

    public int GrpcPort { get; } = FreePorts.Next();

    public int RestPort { get; } = FreePorts.Next();

    public static string ModelFolder(string name)
    {
        foreach (string folder in new[] { "golden/tfs_transcripts/models", "models", "golden/models" })
        {
            string path = SharedData.PathOf(folder, name);
            if (Directory.Exists(path))
            {
                return path;
            }
        }

        throw new DirectoryNotFoundException(name);
    }

    public static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (string directory in Directory.EnumerateDirectories(from, "*", SearchOption.AllDirectories))
        {
            Directory.CreateDirectory(Path.Combine(to, Path.GetRelativePath(from, directory)));
        }

        foreach (string file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            string copy = Path.Combine(to, Path.GetRelativePath(from, file));
            File.WriteAllBytes(copy, File.ReadAllBytes(file));
        }
    }

    public string Flag(string recorded)
    {
        string flag = Place(recorded);
        return flag.Replace(" ", "", StringComparison.Ordinal) switch
        {
            $"--port={RecordedGrpcPort}" => flag.Replace(RecordedGrpcPort, Text(GrpcPort), StringComparison.Ordinal),
            $"--rest_api_port={RecordedRestPort}" => flag.Replace(RecordedRestPort, Text(RestPort), StringComparison.Ordinal),
            _ => flag,
        };
    }

    public string Place(string text) => text
        .Replace("/config/", $"{Root}/\u0001/", StringComparison.Ordinal)       // a file there may be called models.config
        .Replace("\u0001/models", "\u0001/\u0002", StringComparison.Ordinal)
        .Replace("/models", $"{Root}/models", StringComparison.Ordinal)
        .Replace('\u0001'.ToString(), "config", StringComparison.Ordinal)
        .Replace('\u0002'.ToString(), "models", StringComparison.Ordinal);

    /// <summary>Of a file's content; the path of the metrics page is none of a file.</summary>
    public string PlaceContent(string text) => text.Contains("prometheus_config", StringComparison.Ordinal) ? text
        : text.Contains('$', StringComparison.Ordinal) ? Tls.Fill(text)
        : Place(text);

    /// <summary>What the server wrote, with the recording's places and ports.</summary>
    public string Unplace(string text) => Encoding.UTF8.GetString(StatusText.ToBytes(text))
        .Replace(Root, "", StringComparison.Ordinal)
        .Replace($"running on {Environment.MachineName}.", "running on <host>.", StringComparison.Ordinal)
        .Replace($":{GrpcPort} ", $":{RecordedGrpcPort} ", StringComparison.Ordinal)
        .Replace($":{RestPort} ", $":{RecordedRestPort} ", StringComparison.Ordinal);

    public void Dispose()
    {
        if (_tls.IsValueCreated)
        {
            _tls.Value.Dispose();
        }

        Directory.Delete(Root, recursive: true);
    }

    private static string Text(int number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
