using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using SharpServing.TestSupport;

namespace SharpServing.Server.Tests.Support;

/// <summary>The program that was built, under the original's name, in a process of its own. Its lines are kept as the recordings have them.</summary>
internal sealed partial class ModelServerProgram : IAsyncDisposable
{
    /// <summary>A symbolic link: the program sees the name it was called by.</summary>
    private static readonly Lazy<string> Link = new(static () =>
    {
        string link = Path.Combine(Directory.CreateTempSubdirectory("program-").FullName, "tensorflow_model_server");
        File.CreateSymbolicLink(link, Path.GetFullPath(ServerProcess.Program));
        return link;
    });

    private readonly Process _process;
    private readonly Lock _gate = new();
    private readonly StringBuilder _output = new();
    private readonly List<string> _lines = [];
    private readonly List<(Predicate<string> Wanted, TaskCompletionSource Seen)> _waiting = [];

    private ModelServerProgram(IEnumerable<string> arguments, (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(Link.Value, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => TakeOutput(line.Data);
        _process.ErrorDataReceived += (_, line) => TakeLine(line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        Exited = _process.WaitForExitAsync();
    }

    public static ModelServerProgram Start(IEnumerable<string> arguments, params (string Name, string Value)[] environment) => new(arguments, environment);

    /// <summary>Done when the process has ended and all it wrote is here.</summary>
    public Task Exited { get; }

    /// <summary>128 and the number of a signal that it died of.</summary>
    public int ExitCode => _process.ExitCode;

    public string Output
    {
        get
        {
            lock (_gate)
            {
                return _output.ToString();
            }
        }
    }

    /// <summary>What it logged, as <c>I file.cc] text</c>.</summary>
    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_gate)
            {
                return [.. _lines];
            }
        }
    }

    /// <summary>Waits for a line.</summary>
    /// <returns>False when the process ended or the patience did, without that line.</returns>
    public async Task<bool> SeesAsync(Predicate<string> wanted, TimeSpan patience)
    {
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_lines.Exists(wanted))
            {
                return true;
            }

            _waiting.Add((wanted, seen));
        }

        await Task.WhenAny(seen.Task, Exited, Task.Delay(patience, TimeProvider.System, CancellationToken.None));
        return seen.Task.IsCompleted;
    }

    /// <param name="signal">Its name, as SIGTERM.</param>
    public Task SignalAsync(string signal) =>
        ServerProcess.RunAsync("/bin/kill", $"-{signal.Replace("SIG", "", StringComparison.Ordinal)}", _process.Id.ToString(CultureInfo.InvariantCulture));

    public async ValueTask DisposeAsync()
    {
        if (!Exited.IsCompleted)
        {
            _process.Kill();
        }

        await Exited;
        _process.Dispose();
    }

    [GeneratedRegex(@"^(?<severity>[IWEF])[0-9]{4} [0-9:.]+ +[0-9]+ (?<file>[^ :]+):[0-9]+\] ", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Prefix();

    private void TakeOutput(string? line)
    {
        lock (_gate)
        {
            _output.AppendLine(line);
        }
    }

    private void TakeLine(string? line)
    {
        if (line is null)
        {
            return;
        }

        string text = Prefix().Replace(line, "${severity} ${file}] ");
        lock (_gate)
        {
            _lines.Add(text);
            foreach ((_, TaskCompletionSource seen) in _waiting.FindAll(one => one.Wanted(text)))
            {
                seen.TrySetResult();
            }
        }
    }
}
