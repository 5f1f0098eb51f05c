using SharpServing.Ops;
using SharpServing.Runtime.Sessions;
using SharpServing.Verification;

namespace SharpServing.Cli.Verify;

/// <summary><c>sharpserving verify PATH…</c>: runs golden data, or a model's own recorded requests.</summary>
internal static class VerifyCommand
{
    private const int Failure = 1;
    private const int UsageError = 2;
    private const string PassesFlag = "--graph_passes=";

    private const string Usage = """
        usage: sharpserving verify [--verbose] [--json] [--filter TEXT] [--full-texts] [--cache FOLDER] PATH…

        PATH is a folder or file of golden data, or a SavedModel with golden.json or assets.extra/tf_serving_warmup_requests.

          --verbose        each case that failed or was refused, with the difference
          --json           the result as one JSON object
          --filter TEXT    only cases whose group/unit/case contains TEXT
          --full-texts     compare error texts with the suffix that names the node
          --graph_passes=-NAME,…   graph passes to leave out
          --cache FOLDER   where weights are made that golden data only describes
        """;

    /// <returns>0: nothing failed; 1: a case failed; 2: wrong arguments, or nothing to run.</returns>
    public static int Run(string[] args)
    {
        var options = new VerifyOptions();
        var paths = new List<string>();
        bool verbose = false;
        bool json = false;
        string passes = "";
        for (int i = 0; i < args.Length; i++)
        {
            switch (args[i])
            {
                case "--verbose":
                    verbose = true;
                    break;
                case "--json":
                    json = true;
                    break;
                case "--full-texts":
                    options = options with { FullTexts = true };
                    break;
                case "--filter" when i + 1 < args.Length:
                    options = options with { Filter = args[++i] };
                    break;
                case "--cache" when i + 1 < args.Length:
                    options = options with { Cache = Path.GetFullPath(args[++i]) };
                    break;
                case string option when option.StartsWith(PassesFlag, StringComparison.Ordinal):
                    passes = option[PassesFlag.Length..];
                    break;
                case "--help":
                    Console.Out.WriteLine(Usage);
                    return 0;
                case string option when option.StartsWith('-'):
                    Console.Error.WriteLine($"verify: what is {option}?");
                    Console.Error.WriteLine(Usage);
                    return UsageError;
                case string path:
                    paths.Add(path);
                    break;
            }
        }

        if (paths.Count == 0)
        {
            Console.Error.WriteLine(Usage);
            return UsageError;
        }

        return Run(paths, options, passes, verbose && !json, json);
    }

    private static int Run(List<string> paths, VerifyOptions options, string passes, bool verbose, bool json)
    {
        var report = new VerifyReport();
        var verifier = new Verifier(new RuntimeBackend(OpCatalog.Registry, new GraphSessionOptions { GraphPasses = passes }), options, result =>
        {
            report.Add(result);
            if (verbose && result.Outcome != VerifyOutcome.Passed)
            {
                string outcome = result.Outcome == VerifyOutcome.Failed ? "FAILED" : "refused";
                Console.Out.WriteLine($"{outcome} {result.Group}/{result.Unit}/{result.Case}: {result.Detail}");
            }
        });

        foreach (string path in paths)
        {
            try
            {
                if (!verifier.Run(path))
                {
                    Console.Error.WriteLine($"verify: nothing to run in {path}");
                    return UsageError;
                }
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or FormatException)
            {
                Console.Error.WriteLine($"verify: {path}: {exception.Message}");
                return UsageError;
            }
        }

        if (json)
        {
            using Stream output = Console.OpenStandardOutput();
            report.WriteJson(output);
        }
        else
        {
            report.WriteText(Console.Out);
        }

        return report.Total.Failed > 0 ? Failure : 0;
    }
}
