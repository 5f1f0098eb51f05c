using System.IO.Enumeration;

namespace SharpServing.SavedModel;

/// <summary>Files that a checkpoint's name stands for: itself, or by <c>*</c> and <c>?</c> in its last part (<c>model-?????-of-00002</c>).</summary>
internal static class FilePattern
{
    /// <summary>In order of their names; none when the folder does not exist.</summary>
    public static List<string> Expand(string pattern)
    {
        int slash = pattern.LastIndexOf('/') + 1;
        string name = pattern[slash..];
        if (name.AsSpan().IndexOfAny('*', '?') < 0)
        {
            return File.Exists(pattern) ? [pattern] : [];
        }

        string folder = pattern[..slash];
        var files = new List<string>();
        if (Directory.Exists(folder.Length == 0 ? "." : folder))
        {
            foreach (string path in Directory.EnumerateFiles(folder.Length == 0 ? "." : folder))
            {
                string file = Path.GetFileName(path);
                if (FileSystemName.MatchesSimpleExpression(name, file, ignoreCase: false))
                {
                    files.Add(folder + file);
                }
            }
        }

        files.Sort(StringComparer.Ordinal);
        return files;
    }
}
