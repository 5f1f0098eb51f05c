using System.Globalization;

namespace SharpServing.Protos.Text;

/// <summary>One error or warning of <see cref="TextFormat"/>, with protobuf's own text.</summary>
/// <param name="IsWarning">A warning does not make the parse fail.</param>
/// <param name="RootType">Full name of the message that was to be read.</param>
/// <param name="Line">From 1.</param>
/// <param name="Column">From 1, in bytes; a tab goes on to the next multiple of 8.</param>
/// <param name="Text">The fault; bytes that are not UTF-8 are held as <see cref="StatusText"/> says.</param>
public readonly record struct TextFormatDiagnostic(bool IsWarning, string RootType, int Line, int Column, string Text)
{
    /// <summary>The line protobuf logs: <c>Error parsing text-format TYPE: LINE:COLUMN: TEXT</c>.</summary>
    public override string ToString() => ToString(1);

    /// <param name="warningCount">Warnings carry a count of all warnings of the process so far.</param>
    public string ToString(int warningCount) => IsWarning
        ? string.Create(CultureInfo.InvariantCulture, $"Warning parsing text-format {RootType}: {Line}:{Column} (N = {warningCount}): {Text}")
        : string.Create(CultureInfo.InvariantCulture, $"Error parsing text-format {RootType}: {Line}:{Column}: {Text}");
}
