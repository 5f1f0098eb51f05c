using System.Globalization;
using SharpServing.Serving;

namespace SharpServing.Server.Configuration;

/// <summary>One flag: its row in the usage text and how its value is read.</summary>
/// <remarks>Syntax and checks: xla/tsl/util/command_line_flags.cc. Only <c>--name=value</c>, and the bare <c>--name</c> for booleans.</remarks>
internal sealed class Flag
{
    private readonly Func<ModelServerOptions, string, bool> _set;
    private readonly Func<ModelServerOptions, string> _show;

    private Flag(
        string name, string type, string help, FlagEffect effect, Func<ModelServerOptions, string, bool> set, Func<ModelServerOptions, string> show)
    {
        Name = name;
        Type = type;
        Help = help;
        Effect = effect;
        _set = set;
        _show = show;
    }

    public string Name { get; }

    /// <summary>int32, int64, bool, string or float, as the usage text prints it.</summary>
    public string Type { get; }

    public string Help { get; }

    public FlagEffect Effect { get; }

    public static Flag Int32(string name, Func<ModelServerOptions, int> get, Action<ModelServerOptions, int> set, string help, FlagEffect effect = FlagEffect.Built) =>
        new(
            name, "int32", help, effect,
            (options, text) =>
            {
                bool valid = VersionName.TryParse(text, out long value) && value == (int)value;
                if (valid)
                {
                    set(options, (int)value);
                }

                return valid;
            },
            options => get(options).ToString(CultureInfo.InvariantCulture));

    public static Flag Int64(string name, Func<ModelServerOptions, long> get, Action<ModelServerOptions, long> set, string help, FlagEffect effect = FlagEffect.Built) =>
        new(
            name, "int64", help, effect,
            (options, text) =>
            {
                bool valid = VersionName.TryParse(text, out long value);
                if (valid)
                {
                    set(options, value);
                }

                return valid;
            },
            options => get(options).ToString(CultureInfo.InvariantCulture));

    public static Flag Bool(string name, Func<ModelServerOptions, bool> get, Action<ModelServerOptions, bool> set, string help, FlagEffect effect = FlagEffect.Built) =>
        new(
            name, "bool", help, effect,
            (options, text) =>
            {
                bool on = text == "1" || text.Equals("true", StringComparison.OrdinalIgnoreCase);
                bool valid = on || text == "0" || text.Equals("false", StringComparison.OrdinalIgnoreCase);
                if (valid)
                {
                    set(options, on);
                }

                return valid;
            },
            options => get(options) ? "true" : "false");

    public static Flag Float(string name, Func<ModelServerOptions, float> get, Action<ModelServerOptions, float> set, string help, FlagEffect effect = FlagEffect.Built) =>
        new(
            name, "float", help, effect,
            (options, text) =>
            {
                bool valid = float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out float value);
                if (valid)
                {
                    set(options, value);
                }

                return valid;
            },
            options => get(options).ToString("F6", CultureInfo.InvariantCulture));

    public static Flag String(string name, Func<ModelServerOptions, string> get, Action<ModelServerOptions, string> set, string help, FlagEffect effect = FlagEffect.Built) =>
        new(
            name, "string", help, effect,
            (options, text) =>
            {
                set(options, text);
                return true;
            },
            options => $"\"{get(options)}\"");

    /// <summary>Whether the argument is for this flag; then its value, <c>true</c> for a bare boolean.</summary>
    public bool Matches(string argument, out string value)
    {
        value = "";
        if (!argument.StartsWith("--", StringComparison.Ordinal) || !argument.AsSpan(2).StartsWith(Name, StringComparison.Ordinal))
        {
            return false;
        }

        ReadOnlySpan<char> rest = argument.AsSpan(2 + Name.Length);
        if (rest.IsEmpty && Type == "bool")
        {
            value = "true";
            return true;
        }

        if (rest.IsEmpty || rest[0] != '=')
        {
            return false;
        }

        value = rest[1..].ToString();
        return true;
    }

    /// <summary>Stores a value; false, and nothing stored, when it is not one of the type.</summary>
    public bool TrySet(ModelServerOptions options, string value) => _set(options, value);

    /// <summary>The usage line with the value in <paramref name="options"/> as default.</summary>
    public string ToUsage(ModelServerOptions options) => $"\t{$"--{Name}={_show(options)}",-33}\t{Type}\t{Help}\n";
}
