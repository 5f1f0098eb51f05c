using Microsoft.Win32.SafeHandles;

namespace SharpServing.SavedModel;

/// <summary>A file of a checkpoint's values. Positional reads: any thread at any time.</summary>
internal sealed class DataFile : IDisposable
{
    /// <summary>One read call. Unit: bytes.</summary>
    private const int MaxReadBytes = 64 << 20;

    private readonly SafeFileHandle _file;

    private DataFile(SafeFileHandle file)
    {
        _file = file;
        Length = RandomAccess.GetLength(file);
    }

    public long Length { get; }

    public static ServingStatus TryOpen(string path, out DataFile? file)
    {
        file = null;
        try
        {
            file = new DataFile(File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
            return ServingStatus.Ok;
        }
        catch (Exception exception) when (FileStatus.IsFault(exception))
        {
            return FileStatus.Of(exception, path);
        }
    }

    /// <summary>True when these bytes lie in the file.</summary>
    public bool Holds(long offset, long size) => offset >= 0 && size >= 0 && size <= Length && offset <= Length - size;

    /// <returns>OUT_OF_RANGE when the file ends before; the reader's own fault otherwise.</returns>
    public unsafe ServingStatus TryRead(long offset, byte* target, long size)
    {
        try
        {
            while (size > 0)
            {
                int read = RandomAccess.Read(_file, new Span<byte>(target, (int)Math.Min(size, MaxReadBytes)), offset);
                if (read == 0)
                {
                    return FileStatus.EndOfFile;
                }

                offset += read;
                target += read;
                size -= read;
            }

            return ServingStatus.Ok;
        }
        catch (Exception exception) when (FileStatus.IsFault(exception))
        {
            return FileStatus.Of(exception, "");
        }
    }

    public void Dispose() => _file.Dispose();
}
