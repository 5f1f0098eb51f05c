using System.Text;
using SharpServing.Server.Logging;

namespace SharpServing.Server.Configuration;

/// <summary>The command line after parsing.</summary>
internal sealed class CommandLine
{
    private CommandLine(ModelServerOptions options, bool isValid, IReadOnlyList<string> unknown, IReadOnlyList<Flag> given)
    {
        Options = options;
        IsValid = isValid;
        Unknown = unknown;
        Given = given;
    }

    public ModelServerOptions Options { get; }

    /// <summary>False: a value was not of its type, or help was asked for. The usage is shown and the program ends with 255.</summary>
    public bool IsValid { get; }

    /// <summary>Arguments that are no flag. The first is complained about; the server starts all the same.</summary>
    public IReadOnlyList<string> Unknown { get; }

    /// <summary>The flags that were given, each once.</summary>
    public IReadOnlyList<Flag> Given { get; }

    /// <summary>Reads all arguments; later ones overwrite earlier ones. A lone <c>--</c> ends the flags.</summary>
    public static CommandLine Parse(IReadOnlyList<string> arguments, ServerLog log)
    {
        var options = new ModelServerOptions();
        var unknown = new List<string>();
        var given = new List<Flag>();
        bool valid = true;
        bool ended = false;
        foreach (string argument in arguments)
        {
            ended |= argument == "--";
            string value = "";
            Flag? flag = ended ? null : Array.Find(ModelServerFlags.All, candidate => candidate.Matches(argument, out value));
            if (flag is null)
            {
                unknown.Add(argument);
                continue;
            }

            if (!flag.TrySet(options, value))
            {
                log.CannotInterpret(value, flag.Name);
                valid = false;
            }

            if (!given.Contains(flag))
            {
                given.Add(flag);
            }
        }

        valid &= unknown.Count == 0 || unknown[0] != "--help";
        return new CommandLine(options, valid, unknown, given);
    }

    /// <summary>The usage page; defaults are those of this machine.</summary>
    /// <param name="program">Its name on the page.</param>
    /// <param name="withOwn">Adds the flags that the original does not have, in a section of their own.</param>
    public static string Usage(string program, bool withOwn)
    {
        var defaults = new ModelServerOptions();
        var text = new StringBuilder();
        text.Append("usage: ").Append(program).Append("\nFlags:\n");
        AppendRows(text, defaults, own: false);
        if (withOwn)
        {
            text.Append("\nFlags that tensorflow_model_server does not have:\n");
            AppendRows(text, defaults, own: true);
        }

        return text.ToString();
    }

    private static void AppendRows(StringBuilder text, ModelServerOptions defaults, bool own)
    {
        foreach (Flag flag in ModelServerFlags.All)
        {
            if (flag.Effect == FlagEffect.Own == own)
            {
                text.Append(flag.ToUsage(defaults));
            }
        }
    }
}
