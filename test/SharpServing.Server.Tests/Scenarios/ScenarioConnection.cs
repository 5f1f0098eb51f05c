using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace SharpServing.Server.Tests.Scenarios;

/// <summary>One HTTP/1.1 connection that is used again and left idle.</summary>
internal sealed class ScenarioConnection : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = 20_000 };

    public ScenarioConnection(int port) => _socket.Connect(IPAddress.Loopback, port);

    /// <summary>Nothing came and the other side did not close.</summary>
    public bool IsOpen => !_socket.Poll(0, SelectMode.SelectRead);

    public string? Compare(string target, JsonElement expected)
    {
        _socket.Send(Encoding.ASCII.GetBytes($"GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n"));
        string body = expected.GetProperty("body").GetString()!;
        byte[] buffer = new byte[64 << 10];
        int length = 0;
        int end = -1;
        while (end < 0 || length < end + 4 + body.Length)
        {
            int received = _socket.Receive(buffer, length, buffer.Length - length, SocketFlags.None);
            if (received == 0)
            {
                return "the connection was closed";
            }

            length += received;
            end = buffer.AsSpan(0, length).IndexOf("\r\n\r\n"u8);
        }

        string answer = Encoding.UTF8.GetString(buffer, 0, length);
        bool same = answer.StartsWith($"HTTP/1.1 {expected.GetProperty("status").GetInt32()} ", StringComparison.Ordinal) && answer.EndsWith(body, StringComparison.Ordinal);
        return same ? null : answer;
    }

    public void Dispose() => _socket.Dispose();
}
