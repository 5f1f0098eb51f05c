using System.Security.Cryptography;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace SharpServing.Server.Hosting;

/// <summary>Asks connections to go when they are old: GOAWAY, then the end of their last call.</summary>
internal static class ConnectionAge
{
    /// <summary>As gRPC's: many connections that began together do not end together.</summary>
    private const int JitterPercent = 10;

    /// <param name="next">Serves the connection.</param>
    /// <param name="age">From the first byte on.</param>
    /// <param name="grace">From then on to the cut; null: none.</param>
    public static ConnectionDelegate Around(ConnectionDelegate next, TimeSpan age, TimeSpan? grace) => connection => RunAsync(connection, next, age, grace);

    private static async Task RunAsync(ConnectionContext connection, ConnectionDelegate next, TimeSpan age, TimeSpan? grace)
    {
        TimeSpan until = age * (RandomNumberGenerator.GetInt32(100 - JitterPercent, 100 + JitterPercent + 1) / 100.0);
        IConnectionLifetimeNotificationFeature? lifetime = connection.Features.Get<IConnectionLifetimeNotificationFeature>();
        await using ITimer asking = TimeProvider.System.CreateTimer(_ => lifetime?.RequestClose(), null, until, Timeout.InfiniteTimeSpan);
        await using ITimer? cutting = grace is null
            ? null
            : TimeProvider.System.CreateTimer(_ => connection.Abort(new ConnectionAbortedException("The connection is too old.")), null, until + grace.Value, Timeout.InfiniteTimeSpan);
        await next(connection);
    }
}
