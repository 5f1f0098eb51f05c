using System.Globalization;

namespace SharpServing.Server.Hosting.Epoll;

/// <summary>Names for connections, unique in the process.</summary>
internal static class ConnectionNames
{
    private static long _last;

    public static string Next() => Interlocked.Increment(ref _last).ToString("x", CultureInfo.InvariantCulture);
}
