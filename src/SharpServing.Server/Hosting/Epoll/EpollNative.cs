using System.Runtime.InteropServices;

namespace SharpServing.Server.Hosting.Epoll;

/// <summary>epoll(7) and eventfd(2). A result of -1 is an error, whose number is <see cref="Marshal.GetLastPInvokeError"/>.</summary>
internal static partial class EpollNative
{
    public const int Add = 1;
    public const uint In = 0x1;
    public const uint Out = 0x4;
    public const uint Error = 0x8;
    public const uint HangUp = 0x10;
    public const uint PeerClosed = 0x2000;
    public const uint EdgeTriggered = 1u << 31;
    public const int Interrupted = 4;
    public const int CloseOnExec = 0x80000;
    public const int NonBlocking = 0x800;

    /// <summary>The kernel's structure is packed on x86 only. Unit: bytes.</summary>
    public static readonly int EventBytes = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;

    /// <summary>Where the caller's 64 bits begin. Unit: bytes.</summary>
    public static readonly int DataOffset = EventBytes - sizeof(ulong);

    [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    public static partial int Create(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    public static unsafe partial int Control(int epoll, int operation, int file, byte* @event);

    [LibraryImport("libc", EntryPoint = "epoll_wait", SetLastError = true)]
    public static unsafe partial int Wait(int epoll, byte* events, int maxEvents, int timeoutMilliseconds);

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    public static partial int CreateEvent(uint initial, int flags);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    public static unsafe partial nint Write(int file, void* bytes, nint count);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    public static partial int Close(int file);
}
