using System.Net;
using System.Net.Sockets;

namespace SharpServing.Server.Tests.Support;

/// <summary>Ports below those that the system gives to clients: others call without pause beside a test, and would take one in between.</summary>
internal static class FreePorts
{
    private const int First = 10_000;
    private const int Count = 22_000;

    private static uint _last = (uint)Environment.ProcessId * 397;

    public static int Next()
    {
        while (true)
        {
            int port = First + (int)(Interlocked.Increment(ref _last) % Count);
            try
            {
                using var listener = new TcpListener(IPAddress.Any, port);
                listener.Start();
                return port;
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                continue;
            }
        }
    }
}
