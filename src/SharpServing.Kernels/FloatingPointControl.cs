using System.Runtime.InteropServices;

namespace SharpServing.Kernels;

/// <summary>
/// The flush-to-zero bits of the floating point control register, reached through the C library's <c>fenv_t</c>: on x64 its bytes 28 to
/// 31 are MXCSR (glibc, musl), on arm64 its first word is FPCR.
/// </summary>
internal static unsafe partial class FloatingPointControl
{
    /// <summary>FTZ (bit 15) and DAZ (bit 6).</summary>
    private const uint MxcsrFlush = 0x8040;

    /// <summary>FZ (bit 24).</summary>
    private const uint FpcrFlush = 1u << 24;

    /// <summary><c>_MCW_DN</c> and <c>_DN_FLUSH</c> of the Windows C runtime.</summary>
    private const uint WindowsMask = 0x0300_0000;
    private const uint WindowsFlush = 0x0100_0000;

    private const int MxcsrWord = 7;

    private static readonly Access Way = FindWay();

    private enum Access
    {
        None,
        X64,
        Arm64,
        Windows,
    }

    /// <summary>True when the mode can be set on this system.</summary>
    public static bool IsSupported => Way != Access.None;

    /// <summary>Sets the flush bits of the current thread and returns what they were, for <see cref="Restore"/>.</summary>
    public static uint FlushDenormals() => Exchange(uint.MaxValue);

    public static void Restore(uint saved) => Exchange(saved);

    private static uint Exchange(uint bits)
    {
        switch (Way)
        {
            case Access.X64:
                return ExchangeWord(MxcsrWord, MxcsrFlush, bits);
            case Access.Arm64:
                return ExchangeWord(0, FpcrFlush, bits);
            case Access.Windows:
                uint before;
                _ = ControlWindows(&before, 0, 0);
                uint ignored;
                _ = ControlWindows(&ignored, bits == uint.MaxValue ? WindowsFlush : bits, WindowsMask);
                return before & WindowsMask;
            default:
                return 0;
        }
    }

    private static uint ExchangeWord(int word, uint mask, uint bits)
    {
        // Larger than any fenv_t in use (glibc x64: 32 bytes).
        uint* environment = stackalloc uint[32];
        if (GetEnvironment(environment) != 0)
        {
            return 0;
        }

        uint before = environment[word] & mask;
        uint after = bits & mask;
        if (after != before)
        {
            environment[word] = (environment[word] & ~mask) | after;
            _ = SetEnvironment(environment);
        }

        return before;
    }

    private static Access FindWay()
    {
        Architecture architecture = RuntimeInformation.ProcessArchitecture;
        Access way =
            OperatingSystem.IsWindows() && architecture is Architecture.X64 or Architecture.Arm64 ? Access.Windows :
            !OperatingSystem.IsLinux() ? Access.None :
            architecture == Architecture.X64 ? Access.X64 :
            architecture == Architecture.Arm64 ? Access.Arm64 :
            Access.None;
        try
        {
            uint* probe = stackalloc uint[32];
            _ = way switch
            {
                Access.Windows => ControlWindows(probe, 0, 0),
                Access.X64 or Access.Arm64 => GetEnvironment(probe),
                _ => 0,
            };
            return way;
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            // A C library under another name: compute without the mode rather than not at all.
            return Access.None;
        }
    }

    [LibraryImport("libm.so.6", EntryPoint = "fegetenv")]
    [SuppressGCTransition]
    private static partial int GetEnvironment(uint* environment);

    [LibraryImport("libm.so.6", EntryPoint = "fesetenv")]
    [SuppressGCTransition]
    private static partial int SetEnvironment(uint* environment);

    [LibraryImport("ucrtbase.dll", EntryPoint = "_controlfp_s")]
    private static partial int ControlWindows(uint* current, uint value, uint mask);
}
