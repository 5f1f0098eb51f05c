using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace SharpServing.Server.Hosting;

/// <summary>Bound sockets that do not listen yet.</summary>
internal static class ListenSockets
{
    private const int LinuxSocketLevel = 1;
    private const int LinuxReusePort = 15;

    public static Socket Bind(EndPoint endpoint) => SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);

    /// <summary>The kernel spreads connections over all servers that bind the port like this. Linux only.</summary>
    public static Socket BindShared(EndPoint endpoint)
    {
        if (endpoint is not IPEndPoint)
        {
            return Bind(endpoint);
        }

        var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.SetRawSocketOption(LinuxSocketLevel, LinuxReusePort, BitConverter.GetBytes(1));
            socket.Bind(endpoint);
            return socket;
        }
        catch (SocketException)
        {
            socket.Dispose();
            throw;
        }
    }
}
