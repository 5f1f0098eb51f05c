using System.Globalization;
using SharpServing.Server.Hosting;
using SharpServing.Server.Logging;

namespace SharpServing.Server.Configuration;

/// <summary>
/// Reads <c>grpc_channel_arguments</c>: <c>name=value</c> with commas between. What a name means: gRPC C++, impl/grpc_types.h. A name that has
/// no meaning here, and a value that is none, are said once in the log; gRPC ignores them, too.
/// </summary>
internal static class GrpcChannelArguments
{
    private static readonly (string Name, int Least, Action<GrpcConnectionOptions, int> Set)[] Known =
    [
        ("grpc.max_concurrent_streams", 1, static (options, value) => options.MaxStreams = value),
        ("grpc.max_receive_message_length", -1, static (options, value) => options.MaxReceiveBytes = ToBytes(value)),
        ("grpc.max_send_message_length", -1, static (options, value) => options.MaxSendBytes = ToBytes(value)),
        ("grpc.keepalive_time_ms", 1, static (options, value) => options.KeepAliveTime = ToTime(value)),
        ("grpc.keepalive_timeout_ms", 1, static (options, value) => options.KeepAliveTimeout = ToTime(value)),
        ("grpc.max_connection_age_ms", 1, static (options, value) => options.MaxAge = ToTime(value)),
        ("grpc.max_connection_age_grace_ms", 0, static (options, value) => options.MaxAgeGrace = ToTime(value)),
        ("grpc.max_connection_idle_ms", 1, static (options, value) => options.MaxIdle = ToTime(value)),
        ("grpc.so_reuseport", 0, static (options, value) => options.ReusePort = value != 0 && OperatingSystem.IsLinux()),
    ];

    public static GrpcConnectionOptions Parse(string arguments, ServerLog log)
    {
        var options = new GrpcConnectionOptions();
        foreach (string argument in arguments.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] pair = argument.Split('=');
            int index = Array.FindIndex(Known, known => known.Name == pair[0]);
            if (index >= 0 && pair.Length > 1 && int.TryParse(pair[1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value)
                && value >= Known[index].Least)
            {
                Known[index].Set(options, value);
            }
            else
            {
                log.ChannelArgumentWithoutEffect(argument);
            }
        }

        return options;
    }

    /// <summary>-1 stands for no limit.</summary>
    private static int ToBytes(int value) => value < 0 ? int.MaxValue : value;

    /// <summary>The largest number stands for never.</summary>
    private static TimeSpan? ToTime(int milliseconds) => milliseconds == int.MaxValue ? null : TimeSpan.FromMilliseconds(milliseconds);
}
