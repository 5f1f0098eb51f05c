using System.Runtime.InteropServices;

namespace SharpServing.Tensors;

/// <summary>The heap of the C library, glibc's if it is that.</summary>
public static partial class NativeArenas
{
    /// <summary>glibc's variable for the same.</summary>
    private const string Variable = "MALLOC_ARENA_MAX";

    /// <summary><c>M_ARENA_MAX</c> of malloc.h.</summary>
    private const int ArenaMax = -8;

    /// <summary>
    /// As many as threads that allocate small tensors at the same moment are likely to be. By default there are up to eight for each core; each
    /// keeps what its threads once needed, so that memory grows for hours while threads of the pool come and go.
    /// </summary>
    private const int Arenas = 2;

    /// <summary>Call it before threads are started. An operator's own setting of the variable holds.</summary>
    public static void Limit()
    {
        if (!OperatingSystem.IsLinux() || Environment.GetEnvironmentVariable(Variable) is { Length: > 0 })
        {
            return;
        }

        try
        {
            // What it does not take it leaves as it is.
            _ = SetOption(ArenaMax, Arenas);
        }
        catch (EntryPointNotFoundException)
        {
            // Another C library, with a heap of another kind.
        }
    }

    [LibraryImport("libc", EntryPoint = "mallopt")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetOption(int option, int value);
}
