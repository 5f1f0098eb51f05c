namespace SharpServing.Server.Telemetry;

/// <summary>Where metrics and spans are sent.</summary>
/// <param name="Endpoint">Base address of an OTLP/HTTP receiver: <c>http://localhost:4318</c>.</param>
/// <param name="TraceSamplingRate">Part of the traces that begin here: 0 none, 1 all. A request that came with a parent follows its decision.</param>
/// <param name="MetricInterval">Between two exports of the metrics.</param>
/// <param name="Version">Of the program.</param>
internal sealed record TelemetryOptions(Uri Endpoint, double TraceSamplingRate, TimeSpan MetricInterval, string Version);
