using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using NSubstitute;
using SharpServing.Server.Hosting;
using SharpServing.Serving;

namespace SharpServing.Server.Tests.Hosting;

public sealed class ServerHostTests
{
    [Fact]
    public async Task Start_PortZero_BindsFreePorts()
    {
        var options = new ServerHostOptions { GrpcAddress = IPAddress.Loopback, GrpcPort = 0, RestAddress = IPAddress.Loopback, RestPort = 0 };
        await using var host = new ServerHost(options, Substitute.For<IServableDirectory>(), null, NullLoggerFactory.Instance);
        (await host.StartGrpcAsync()).IsOk.ShouldBeTrue();
        (await host.StartRestAsync()).IsOk.ShouldBeTrue();
        host.GrpcPort.ShouldNotBeNull().ShouldBeGreaterThan(0);
        host.RestPort.ShouldNotBeNull().ShouldNotBe(host.GrpcPort!.Value);

        await using var second = new ServerHost(options with { GrpcPort = host.GrpcPort }, Substitute.For<IServableDirectory>(), null, NullLoggerFactory.Instance);
        (await second.StartGrpcAsync()).ShouldBe(ServingStatus.InvalidArgument("Failed to BuildAndStart gRPC server"));
        await host.StopAsync();
    }
}
