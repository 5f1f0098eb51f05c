using Microsoft.AspNetCore.Connections;
using SharpServing.Server.Services;

namespace SharpServing.Server.Rest;

/// <summary>The REST front end: HTTP/1.1 on one connection.</summary>
internal sealed class RestConnectionHandler
{
    public RestConnectionHandler(FrontEndServices services) => Services = services;

    public FrontEndServices Services { get; }

    public async Task RunAsync(ConnectionContext connection)
    {
        if (Services.Options.RestPort is not null)
        {
            await connection.Transport.Output.CompleteAsync();
        }
    }
}
