using System.Buffers;
using System.Runtime.CompilerServices;

namespace SharpServing;

/// <summary>
/// Arrays for as long as a request lasts, so that what is kept for the next one does not grow with the number of threads: small ones come from
/// .NET's shared pool, which keeps some for each thread, larger ones from a pool that keeps a few for all of them, and the largest from
/// the collector. Thread-safe.
/// </summary>
public static class RequestArrays
{
    /// <summary>The largest array of the shared pool. Unit: bytes.</summary>
    private const int SmallBytes = 64 << 10;

    /// <summary>The largest array that is kept at all; at most 64 MiB for a type of element. Unit: bytes.</summary>
    private const int LargeBytes = 8 << 20;

    private const int LargeKept = 4;

    /// <summary>An array with at least <paramref name="minimum"/> elements of any value.</summary>
    public static T[] Rent<T>(int minimum)
        where T : unmanaged =>
        PoolFor<T>(minimum)?.Rent(minimum) ?? GC.AllocateUninitializedArray<T>(minimum);

    /// <param name="array">From <see cref="Rent"/>; not used any more.</param>
    public static void Return<T>(T[] array)
        where T : unmanaged =>
        PoolFor<T>(array.Length)?.Return(array);

    private static ArrayPool<T>? PoolFor<T>(int length)
        where T : unmanaged
    {
        long bytes = (long)length * Unsafe.SizeOf<T>();
        return bytes <= SmallBytes ? ArrayPool<T>.Shared : bytes <= LargeBytes ? Large<T>.Pool : null;
    }

    private static class Large<T>
        where T : unmanaged
    {
        public static readonly ArrayPool<T> Pool = ArrayPool<T>.Create(LargeBytes / Unsafe.SizeOf<T>(), LargeKept);
    }
}
