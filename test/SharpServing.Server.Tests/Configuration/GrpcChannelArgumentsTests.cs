using SharpServing.Server.Configuration;
using SharpServing.Server.Hosting;
using SharpServing.Server.Logging;
using SharpServing.Server.Tests.Support;

namespace SharpServing.Server.Tests.Configuration;

public sealed class GrpcChannelArgumentsTests
{
    private readonly RecordingLog _log = new();

    [Fact]
    public void Parse_KnownNames_AreRead()
    {
        GrpcConnectionOptions options = Parse(
            "grpc.max_concurrent_streams=100,grpc.max_receive_message_length=-1,grpc.max_send_message_length=5,grpc.keepalive_time_ms=10000,"
            + "grpc.keepalive_timeout_ms=2000,grpc.max_connection_age_ms=300,grpc.max_connection_age_grace_ms=0,grpc.max_connection_idle_ms=2147483647");
        options.ShouldBe(new GrpcConnectionOptions
        {
            MaxStreams = 100,
            MaxReceiveBytes = int.MaxValue,
            MaxSendBytes = 5,
            KeepAliveTime = TimeSpan.FromSeconds(10),
            KeepAliveTimeout = TimeSpan.FromSeconds(2),
            MaxAge = TimeSpan.FromMilliseconds(300),
            MaxAgeGrace = TimeSpan.Zero,
            MaxIdle = null,
        });
        _log.Lines.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("grpc.max_concurrent_streams=1,grpc.max_concurrent_streams=2", 2)]
    [InlineData("", null)]
    [InlineData(",", null)]
    public void Parse_Repeated_LastWins(string arguments, int? streams)
    {
        Parse(arguments).MaxStreams.ShouldBe(streams);
        _log.Lines.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("a=b")]
    [InlineData("grpc.max_concurrent_streams")]
    [InlineData("grpc.max_concurrent_streams=")]
    [InlineData("grpc.max_concurrent_streams=x")]
    [InlineData("grpc.max_concurrent_streams=0")]
    [InlineData("grpc.max_concurrent_streams=99999999999")]
    [InlineData("grpc.keepalive_time_ms=-5")]
    public void Parse_WithoutMeaning_IsSaid(string argument)
    {
        Parse(argument).ShouldBe(new GrpcConnectionOptions());
        _log.Lines.ShouldBe([$"W server.cc] --grpc_channel_arguments: {argument} has no effect in this version of SharpServing."]);
    }

    private GrpcConnectionOptions Parse(string arguments) => GrpcChannelArguments.Parse(arguments, new ServerLog(_log));
}
