using SharpServing.Cli.Demo;
using SharpServing.Cli.Verify;

namespace SharpServing.Cli.Commands;

/// <summary>The commands, one row each.</summary>
internal static class CommandTable
{
    private const int UsageError = 2;

    public static readonly Command[] All =
    [
        new("serve", "Serve models; takes the flags of tensorflow_model_server (serve --help lists them)", static args => ServeCommand.RunAsync($"{ProgramName.Own} serve", args)),
        new("demo", "Serve four small built-in models with a page to try them", DemoCommand.RunAsync),
        new("verify", "Run golden data, or a model's own recorded requests", static args => Task.FromResult(VerifyCommand.Run(args))),
        new("version", "Show the version", static _ => VersionCommand.RunAsync()),
        new("help", "Show this list", static _ => ShowHelpAsync(Console.Out)),
    ];

    public static async Task<int> RunAsync(string[] arguments)
    {
        string name = arguments.Length == 0 ? "help" : arguments[0] switch
        {
            "--help" or "-h" => "help",
            "--version" => "version",
            string other => other,
        };
        Command? command = Array.Find(All, candidate => candidate.Name == name);
        if (command is null)
        {
            await Console.Error.WriteLineAsync($"{ProgramName.Own}: there is no command '{name}'.");
            await ShowHelpAsync(Console.Error);
            return UsageError;
        }

        return await command.RunAsync(arguments.Length == 0 ? arguments : arguments[1..]);
    }

    private static async Task<int> ShowHelpAsync(TextWriter to)
    {
        await to.WriteLineAsync($"usage: {ProgramName.Own} COMMAND …");
        await to.WriteLineAsync();
        foreach (Command command in All)
        {
            await to.WriteLineAsync($"  {command.Name,-10}{command.Summary}");
        }

        await to.WriteLineAsync();
        await to.WriteLineAsync($"Under the name {ProgramName.ModelServer} the program takes that program's flags directly.");
        return 0;
    }
}
