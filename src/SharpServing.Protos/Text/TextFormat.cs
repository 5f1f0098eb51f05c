using Google.Protobuf;

namespace SharpServing.Protos.Text;

/// <summary>
/// Reads and writes protobuf's text format of generated messages, with the grammar, tolerance and texts of protobuf's C++ parser
/// (https://protobuf.dev/reference/protobuf/textformat-spec/). Extensions are refused; no message here has any.
/// </summary>
public static class TextFormat
{
    /// <summary>Messages inside messages. The C++ parser has no limit and overflows its stack instead.</summary>
    public const int RecursionLimit = 1000;

    /// <param name="text">UTF-8.</param>
    /// <param name="target">An empty message; holds what was read up to the fault when the answer is false.</param>
    /// <param name="diagnostics">Errors and warnings in the order protobuf logs them.</param>
    public static bool TryParse(ReadOnlyMemory<byte> text, IMessage target, out IReadOnlyList<TextFormatDiagnostic> diagnostics) =>
        TryParse(text, target, out diagnostics, out _);

    /// <inheritdoc cref="TryParse(ReadOnlyMemory{byte}, IMessage, out IReadOnlyList{TextFormatDiagnostic})"/>
    /// <param name="reachedEnd">True when the parser looked beyond the last byte before it stopped.</param>
    public static bool TryParse(
        ReadOnlyMemory<byte> text, IMessage target, out IReadOnlyList<TextFormatDiagnostic> diagnostics, out bool reachedEnd)
    {
        var parser = new TextFormatParser(text, target.Descriptor);
        bool parsed = parser.Parse(target);
        diagnostics = parser.Diagnostics;
        reachedEnd = parser.ReachedEnd;
        return parsed;
    }

    /// <summary>A message as protobuf's C++ <c>DebugString</c> prints it, without the prefix that newer versions put before it at random.</summary>
    public static string Print(IMessage message) => TextFormatPrinter.Print(message);
}
