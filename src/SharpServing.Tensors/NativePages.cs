using System.Runtime.InteropServices;

namespace SharpServing.Tensors;

/// <summary>
/// 64-byte aligned native memory. Large blocks come straight from the kernel on Unix, so that freeing one gives its pages back at
/// once instead of leaving them in the C heap.
/// </summary>
internal static unsafe partial class NativePages
{
    /// <summary>One cache line, one AVX-512 register. Unit: bytes.</summary>
    public const int Alignment = 64;

    private const long MapThreshold = 256 * 1024;
    private const int ProtReadWrite = 3;
    private const int MapPrivateAnonymousLinux = 0x22;
    private const int MapPrivateAnonymousMac = 0x1002;
    private const int AdviseHugePage = 14;
    private const long HugePage = 2 * 1024 * 1024;

    /// <returns><see langword="null"/> when the system refuses.</returns>
    public static byte* Allocate(long bytes)
    {
        if (bytes >= MapThreshold && !OperatingSystem.IsWindows())
        {
            nint address = Map(0, (nuint)bytes, ProtReadWrite, OperatingSystem.IsLinux() ? MapPrivateAnonymousLinux : MapPrivateAnonymousMac, -1, 0);
            if (address == -1)
            {
                return null;
            }

            if (OperatingSystem.IsLinux() && bytes >= 2 * HugePage)
            {
                _ = Advise(address, (nuint)bytes, AdviseHugePage);
            }

            return (byte*)address;
        }

        try
        {
            return (byte*)NativeMemory.AlignedAlloc((nuint)bytes, Alignment);
        }
        catch (OutOfMemoryException)
        {
            return null;
        }
    }

    public static void Free(byte* address, long bytes)
    {
        if (bytes >= MapThreshold && !OperatingSystem.IsWindows())
        {
            _ = Unmap((nint)address, (nuint)bytes);
            return;
        }

        NativeMemory.AlignedFree(address);
    }

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial nint Map(nint address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(nint address, nuint length);

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nint address, nuint length, int advice);
}
