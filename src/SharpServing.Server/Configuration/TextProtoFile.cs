using Google.Protobuf;
using SharpServing.Protos.Text;
using SharpServing.Server.Logging;
using SharpServing.Serving;

namespace SharpServing.Server.Configuration;

/// <summary>Reads configuration files in protobuf's text format.</summary>
internal static class TextProtoFile
{
    /// <summary>Fills an empty message from a file. What the parser has to say goes to the log.</summary>
    /// <returns>
    /// NOT_FOUND for a missing file, INVALID_ARGUMENT for one of 0 bytes (the original maps it into memory) and for one that does not
    /// parse.
    /// </returns>
    public static ServingStatus Read(string path, IMessage message, ServerLog log)
    {
        byte[] text;
        try
        {
            text = File.ReadAllBytes(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return FileErrors.ToStatus(exception, path);
        }

        if (text.Length == 0)
        {
            return ServingStatus.InvalidArgument($"{path}; Invalid argument");
        }

        bool parsed = TextFormat.TryParse(text, message, out IReadOnlyList<TextFormatDiagnostic> diagnostics);
        int warnings = 0;
        foreach (TextFormatDiagnostic diagnostic in diagnostics)
        {
            if (diagnostic.IsWarning)
            {
                log.TextFormatWarning(diagnostic.ToString(++warnings));
            }
            else
            {
                log.TextFormatError(diagnostic.ToString());
            }
        }

        return parsed ? ServingStatus.Ok : ServingStatus.InvalidArgument($"Invalid protobuf file: '{path}'");
    }
}
