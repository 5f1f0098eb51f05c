namespace SharpServing.Serving;

/// <summary>Errors of the file system with the codes and texts of the original: <c>path; reason</c>.</summary>
public static class FileErrors
{
    public static ServingStatus ToStatus(Exception exception, string path) => exception switch
    {
        FileNotFoundException or DirectoryNotFoundException when File.Exists(path) => NotADirectory(path),
        FileNotFoundException or DirectoryNotFoundException => NotFound(path),
        UnauthorizedAccessException when Directory.Exists(path) && CanList(path) => ServingStatus.FailedPrecondition($"{path}; Is a directory"),
        UnauthorizedAccessException => new ServingStatus(StatusCode.PermissionDenied, $"{path}; Permission denied"),
        _ when File.Exists(path) && exception.Message.Contains("Not a directory", StringComparison.Ordinal) => NotADirectory(path),
        _ => new ServingStatus(StatusCode.Unknown, $"{path}; {exception.Message}"),
    };

    public static ServingStatus NotFound(string path) => ServingStatus.NotFound($"{path}; No such file or directory");

    public static ServingStatus NotADirectory(string path) => ServingStatus.FailedPrecondition($"{path}; Not a directory");

    private static bool CanList(string path)
    {
        try
        {
            using IEnumerator<string> entries = Directory.EnumerateFileSystemEntries(path).GetEnumerator();
            entries.MoveNext();
            return true;
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
    }
}
