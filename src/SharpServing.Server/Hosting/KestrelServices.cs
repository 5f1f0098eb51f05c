using System.Diagnostics;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using SharpServing.Server.Hosting.Epoll;

namespace SharpServing.Server.Hosting;

/// <summary>
/// Collects the services of a bare Kestrel: no host, no middleware, no configuration. Kestrel registers itself on an
/// <see cref="IWebHostBuilder"/> only.
/// </summary>
internal sealed class KestrelServices : IWebHostBuilder
{
    private readonly ServiceCollection _services = new();

    private KestrelServices()
    {
    }

    /// <summary>A server that is not yet started. Disposing the provider disposes it.</summary>
    /// <param name="loggers">Of all that Kestrel says.</param>
    /// <param name="transport">What carries the bytes.</param>
    /// <param name="configure">Listeners and limits.</param>
    public static ServiceProvider Build(ILoggerFactory loggers, TransportSettings transport, Action<KestrelServerOptions> configure)
    {
        var collector = new KestrelServices();
        collector._services.AddSingleton(loggers);
        collector._services.AddSingleton(typeof(ILogger<>), typeof(Logger<>));
        collector._services.AddOptions();
        collector._services.AddMetrics();
        collector._services.AddSingleton<DiagnosticSource>(new DiagnosticListener("SharpServing"));
        collector.UseKestrelCore();
        if (transport.Loops is not null)
        {
            collector._services.AddSingleton<IConnectionListenerFactory>(services => new EpollListenerFactory(transport, services.GetRequiredService<IMemoryPoolFactory<byte>>()));
        }
        else
        {
            collector._services.Configure<SocketTransportOptions>(options => options.CreateBoundListenSocket = transport.Bind);
        }

        collector._services.Configure(configure);
        return collector._services.BuildServiceProvider();
    }

    public static IServer ServerOf(ServiceProvider services) => services.GetRequiredService<IServer>();

#pragma warning disable ASPDEPR008 // The interface that Kestrel's registration takes still names it.
    IWebHost IWebHostBuilder.Build() => throw new NotSupportedException("Only the services are wanted.");
#pragma warning restore ASPDEPR008

    public IWebHostBuilder ConfigureAppConfiguration(Action<WebHostBuilderContext, IConfigurationBuilder> configureDelegate) => this;

    public IWebHostBuilder ConfigureServices(Action<IServiceCollection> configureServices)
    {
        configureServices(_services);
        return this;
    }

    public IWebHostBuilder ConfigureServices(Action<WebHostBuilderContext, IServiceCollection> configureServices)
    {
        configureServices(new WebHostBuilderContext(), _services);
        return this;
    }

    public string? GetSetting(string key) => null;

    public IWebHostBuilder UseSetting(string key, string? value) => this;
}
