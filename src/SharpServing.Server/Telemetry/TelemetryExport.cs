using System.Diagnostics.Metrics;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using SharpServing.Server.Monitoring;

namespace SharpServing.Server.Telemetry;

/// <summary>
/// Sends spans and metrics by OTLP over HTTP, with OpenTelemetry's SDK. The metrics are those of the metrics page, read when they are sent:
/// nothing is counted twice; .NET's own (memory, collections, threads) go with them. The only class that touches the SDK: it is loaded when there is one of these.
/// </summary>
internal sealed class TelemetryExport : IDisposable
{
    /// <summary>Of one export: a receiver that does not answer must not hold the stop of the server.</summary>
    private const int TimeoutMilliseconds = 2000;

    /// <summary>What .NET measures of the process.</summary>
    private const string RuntimeMeter = "System.Runtime";

    private readonly Meter _meter = new(ServerTrace.SourceName);
    private readonly TracerProvider _traces;
    private readonly MeterProvider _metrics;

    public TelemetryExport(TelemetryOptions options, ServingMetrics metrics)
    {
        metrics.AddTo(_meter);
        ResourceBuilder resource = ResourceBuilder.CreateEmpty()
            .AddService("sharpserving", serviceVersion: options.Version)
            .AddTelemetrySdk()
            .AddEnvironmentVariableDetector();
        _traces = Sdk.CreateTracerProviderBuilder()
            .SetResourceBuilder(resource)
            .SetSampler(new ParentBasedSampler(new TraceIdRatioBasedSampler(Math.Clamp(options.TraceSamplingRate, 0, 1))))
            .AddSource(ServerTrace.SourceName)
            .AddOtlpExporter(exporter => Configure(exporter, options.Endpoint, "v1/traces"))
            .Build();
        _metrics = Sdk.CreateMeterProviderBuilder()
            .SetResourceBuilder(resource)
            .AddMeter(ServerTrace.SourceName)
            .AddMeter(RuntimeMeter)
            .AddOtlpExporter((exporter, reader) =>
            {
                Configure(exporter, options.Endpoint, "v1/metrics");
                reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = (int)options.MetricInterval.TotalMilliseconds;
                reader.PeriodicExportingMetricReaderOptions.ExportTimeoutMilliseconds = TimeoutMilliseconds;
            })
            .Build();
    }

    /// <summary>Sends what is left.</summary>
    public void Dispose()
    {
        _traces.Dispose();
        _metrics.Dispose();
        _meter.Dispose();
    }

    private static void Configure(OtlpExporterOptions exporter, Uri endpoint, string path)
    {
        exporter.Protocol = OtlpExportProtocol.HttpProtobuf;
        exporter.Endpoint = new Uri(endpoint.AbsoluteUri.TrimEnd('/') + "/" + path);
        exporter.TimeoutMilliseconds = TimeoutMilliseconds;
    }
}
