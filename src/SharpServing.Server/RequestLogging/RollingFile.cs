using System.Globalization;
using SharpServing.SavedModel;

namespace SharpServing.Server.RequestLogging;

/// <summary>
/// TFRecord files <c>PREFIX-000001.tfrecord</c>, … of bounded size and number. Numbers go on where an earlier process stopped. One thread at a time.
/// </summary>
internal sealed class RollingFile : IDisposable
{
    private const string Suffix = ".tfrecord";

    private readonly string _folder;
    private readonly string _name;
    private readonly RequestLogLimits _limits;
    private FileStream? _file;
    private long _next = 1;

    /// <param name="prefix">Absolute path; its folder exists.</param>
    /// <param name="limits">Of size and number.</param>
    public RollingFile(string prefix, RequestLogLimits limits)
    {
        _folder = Path.GetDirectoryName(prefix)!;
        _name = Path.GetFileName(prefix);
        _limits = limits;
    }

    /// <summary>Appends a record; it is with the system when the call returns.</summary>
    /// <exception cref="IOException">It could not be written; the next record begins a new file.</exception>
    public void Write(ReadOnlySpan<byte> record)
    {
        try
        {
            if (_file is not null && _file.Length + TfRecords.SizeOf(record.Length) > _limits.FileBytes)
            {
                Dispose();
            }

            _file ??= Open();
            TfRecords.Write(_file, record);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        _file?.Dispose();
        _file = null;
    }

    private FileStream Open()
    {
        SortedList<long, string> files = Find();
        _next = Math.Max(_next, files.Count > 0 ? files.Keys[^1] + 1 : 1);
        for (int i = 0; i <= files.Count - _limits.MaxFiles; i++)
        {
            File.Delete(files.Values[i]);
        }

        string path = Path.Combine(_folder, string.Create(CultureInfo.InvariantCulture, $"{_name}-{_next++:D6}{Suffix}"));
        return new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.Read, BufferSize = 0 });
    }

    private SortedList<long, string> Find()
    {
        var files = new SortedList<long, string>();
        foreach (string path in Directory.EnumerateFiles(_folder))
        {
            string name = Path.GetFileName(path);
            if (name.Length > _name.Length + 1 + Suffix.Length && name.StartsWith(_name + "-", StringComparison.Ordinal) && name.EndsWith(Suffix, StringComparison.Ordinal)
                && long.TryParse(name.AsSpan(_name.Length + 1, name.Length - _name.Length - 1 - Suffix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out long number))
            {
                files[number] = path;
            }
        }

        return files;
    }
}
