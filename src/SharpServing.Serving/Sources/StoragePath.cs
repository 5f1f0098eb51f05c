namespace SharpServing.Serving;

/// <summary>Paths with an optional URI scheme, as the original's file system layer takes them.</summary>
public static class StoragePath
{
    /// <summary>Whether a base path is acceptable in a configuration: absolute, or a URI.</summary>
    public static bool IsAbsoluteOrUri(string path) => path.StartsWith('/') || SchemeLength(path) > 0;

    /// <summary>The path on the local disk.</summary>
    /// <returns>UNIMPLEMENTED for a scheme that has no file system here; only <c>file</c> has one.</returns>
    public static ServingStatus TryToLocal(string path, out string local)
    {
        int scheme = SchemeLength(path);
        if (scheme == 0)
        {
            local = path;
            return ServingStatus.Ok;
        }

        if (path.AsSpan(0, scheme).SequenceEqual("file"))
        {
            int start = path.IndexOf('/', scheme + 3);      // file://host/path: the host is not looked at
            local = start < 0 ? "/" : path[start..];
            return ServingStatus.Ok;
        }

        local = path;
        return ServingStatus.Unimplemented($"File system scheme '{path[..scheme]}' not implemented (file: '{path}')");
    }

    /// <summary>Base and child with exactly one slash between them.</summary>
    public static string Join(string directory, string child) =>
        directory.EndsWith('/') ? directory + child : directory + "/" + child;

    // A letter, then letters, digits and dots, then "://".
    private static int SchemeLength(string path)
    {
        int end = path.IndexOf("://", StringComparison.Ordinal);
        if (end <= 0 || !char.IsAsciiLetter(path[0]))
        {
            return 0;
        }

        foreach (char c in path.AsSpan(0, end))
        {
            if (!char.IsAsciiLetterOrDigit(c) && c != '.')
            {
                return 0;
            }
        }

        return end;
    }
}
