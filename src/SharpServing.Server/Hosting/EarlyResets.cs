using Microsoft.AspNetCore.Connections;

namespace SharpServing.Server.Hosting;

/// <summary>
/// Stands before Kestrel's HTTP/2 and leaves out what <see cref="EarlyResetReader"/> does: Kestrel closes the connection, with all its calls.
/// </summary>
internal static class EarlyResets
{
    public static ConnectionDelegate Around(ConnectionDelegate next) => connection =>
    {
        connection.Transport = new DuplexPipe(new EarlyResetReader(connection.Transport.Input), connection.Transport.Output);
        return next(connection);
    };
}
