using System.Diagnostics.CodeAnalysis;

namespace SharpServing.SavedModel;

/// <summary>TensorFlow's statuses of faults of the file system (<c>path; reason</c>, after <c>IOError</c> of its POSIX file system).</summary>
internal static class FileStatus
{
    /// <summary>Read less than was asked for: TensorFlow's text for the end of a file.</summary>
    public static readonly ServingStatus EndOfFile = new(StatusCode.OutOfRange, "Read less bytes than requested");

    /// <summary>The status of an exception thrown by opening or reading <paramref name="path"/>.</summary>
    public static ServingStatus Of(Exception exception, string path) => exception switch
    {
        FileNotFoundException or DirectoryNotFoundException => ServingStatus.NotFound($"{path}; No such file or directory"),
        UnauthorizedAccessException => new ServingStatus(StatusCode.PermissionDenied, $"{path}; Permission denied"),
        PathTooLongException => ServingStatus.InvalidArgument($"{path}; File name too long"),
        _ => new ServingStatus(StatusCode.Unknown, $"{path}; {exception.Message}"),
    };

    /// <summary>True for what opening and reading files throws.</summary>
    public static bool IsFault([NotNullWhen(true)] Exception? exception) => exception is IOException or UnauthorizedAccessException;

    /// <summary>The whole file; a folder reads as no bytes, as it does for the original.</summary>
    /// <param name="maxBytes">A longer file is refused before it is read.</param>
    public static ServingStatus TryReadAll(string path, long maxBytes, out byte[] bytes)
    {
        bytes = [];
        if (Directory.Exists(path))
        {
            return ServingStatus.Ok;
        }

        try
        {
            var info = new FileInfo(path);
            if (info.Exists && info.Length > maxBytes)
            {
                return ServingStatus.ResourceExhausted($"{path}; {info.Length} bytes are more than the limit of {maxBytes}");
            }

            bytes = File.ReadAllBytes(path);
            return ServingStatus.Ok;
        }
        catch (Exception exception) when (IsFault(exception))
        {
            return Of(exception, path);
        }
    }
}
