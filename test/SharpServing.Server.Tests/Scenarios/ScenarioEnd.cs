using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using SharpServing.Server.Startup;
using SharpServing.Server.Tests.Support;

namespace SharpServing.Server.Tests.Scenarios;

/// <summary>What a server leaves behind: exit status, output, log.</summary>
internal static partial class ScenarioEnd
{
    /// <summary>Added to a signal's number, the exit status of a process that it ended.</summary>
    private const int DiedOfSignal = 128;

    // TensorFlow's own lines are no part of the contract.
    private static readonly string[] ContractFiles =
    [
        "server.cc]", "server_core.cc]", "main.cc]", "basic_manager.cc]", "loader_harness.cc]", "retrier.cc]", "aspired_versions_manager.cc]",
        "file_system_storage_path_source.cc]", "ssl_security_connector.cc]", "ssl_transport_security.cc]", "model_service_impl.cc]", "text_format.cc]", "command_line_flags.cc]",
    ];

    /// <returns>One entry for each thing compared, null where it is the same.</returns>
    public static IEnumerable<string?> Compare(JsonElement step, ModelServerProgram server, ScenarioPlace place)
    {
        int code = server.ExitCode;
        string wanted = step.GetProperty("exit_code").ToString();
        int expected = wanted switch
        {
            "signal SIGTERM" or "signal SIGINT" => ExitCodes.Success,
            "signal SIGHUP" => DiedOfSignal + 1,
            "signal SIGABRT" => ExitCodes.Aborted,
            _ => int.TryParse(wanted, CultureInfo.InvariantCulture, out int number) ? number : -1,
        };
        yield return code == expected ? null : $"exit {code}, recorded {wanted}";

        string output = place.Unplace(server.Output);
        foreach (JsonElement line in step.GetProperty("stdout").EnumerateArray())
        {
            string text = line.GetString()!;
            if (!text.Contains("… usage …", StringComparison.Ordinal) && !text.StartsWith("TensorFlow ", StringComparison.Ordinal)
                && !text.StartsWith('\t'))
            {
                string kept = text.Split(" in binary running on")[0].Split("goo.gle/debug")[0];
                yield return output.Contains(kept, StringComparison.Ordinal) ? null : $"no output {text}, but {output}";
            }
        }

        string[] log = [.. server.Lines.Select(place.Unplace)];
        foreach (string line in LogLines(step))
        {
            yield return Array.Exists(log, have => IsLine(have, line)) ? null : $"no log line {line}";
        }
    }

    /// <summary>The lines of a step's recorded log that this server has to have; of some, only the beginning.</summary>
    public static IEnumerable<string> LogLines(JsonElement step) =>
        from line in step.GetProperty("stderr").EnumerateArray()
        let text = line.GetString()!.Split(" in binary running on")[0].Split("SSL_ERROR_SSL: ")[0]
        where ContractFiles.Any(file => text.Contains(' ' + file, StringComparison.Ordinal)) && !text.StartsWith('F')
        select WithoutColumn(text);

    public static bool IsLine(string have, string line) => WithoutColumn(have).StartsWith(line, StringComparison.Ordinal);

    // Paths are longer here than in the recording, so columns behind them differ; how often something was tried again is a matter of time.
    private static string WithoutColumn(string line) =>
        line.Contains("text-format", StringComparison.Ordinal) ? Column().Replace(line, "1:#") : RetryNumber().Replace(line, " retry: #");

    [GeneratedRegex(" retry: [0-9]+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex RetryNumber();

    [GeneratedRegex("[0-9]+:[0-9]+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Column();
}
