using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace SharpServing.TestSupport;

/// <summary>The program that was built with these tests, in a process of its own.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly StringBuilder _text = new();
    private readonly TaskCompletionSource _awaited = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly string _awaitedText;

    private ServerProcess(string program, string awaitedText, string[] arguments)
    {
        _awaitedText = awaitedText;
        _process = new Process
        {
            StartInfo = new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true },
        };
        _process.OutputDataReceived += (_, line) => Take(line.Data);
        _process.ErrorDataReceived += (_, line) => Take(line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>artifacts/bin/SharpServing.Cli/CONFIGURATION/sharpserving.</summary>
    public static string Program { get; } = Path.Combine(
        AppContext.BaseDirectory, "..", "..", "SharpServing.Cli", Path.GetFileName(AppContext.BaseDirectory.TrimEnd('/')), "sharpserving");

    public static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    /// <summary>Runs to the end.</summary>
    public static async Task<(string Output, string Error, int Code)> RunAsync(string program, params string[] arguments)
    {
        using Process process = Process.Start(
            new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(Patience);
        return (await output, await error, process.ExitCode);
    }

    /// <summary>Starts, and waits until a text is printed.</summary>
    public static async Task<ServerProcess> StartAsync(string program, string awaitedText, params string[] arguments)
    {
        var server = new ServerProcess(program, awaitedText, arguments);
        Task ended = server._process.WaitForExitAsync();
        if (await Task.WhenAny(server._awaited.Task, ended).WaitAsync(Patience) == ended)
        {
            throw new InvalidOperationException($"ended with {server._process.ExitCode} before it printed '{awaitedText}':\n{server.Text}");
        }

        return server;
    }

    public string Text
    {
        get
        {
            lock (_text)
            {
                return _text.ToString();
            }
        }
    }

    public Task SignalAsync(string signal) => RunAsync("/bin/kill", $"-{signal}", _process.Id.ToString(CultureInfo.InvariantCulture));

    /// <summary>Sends a signal and gives the exit status.</summary>
    public async Task<int> StopAsync(string signal)
    {
        await SignalAsync(signal);
        await _process.WaitForExitAsync().WaitAsync(Patience);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private void Take(string? line)
    {
        lock (_text)
        {
            _text.AppendLine(line);
        }

        if (line?.Contains(_awaitedText, StringComparison.Ordinal) == true)
        {
            _awaited.TrySetResult();
        }
    }
}
