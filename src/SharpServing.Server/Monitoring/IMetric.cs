using System.Diagnostics.Metrics;

namespace SharpServing.Server.Monitoring;

/// <summary>A metric as the page sees it.</summary>
internal interface IMetric
{
    /// <summary>TensorFlow's: <c>/tensorflow/serving/request_count</c>.</summary>
    string Name { get; }

    /// <summary><c>counter</c>, <c>gauge</c> or <c>histogram</c>.</summary>
    string Kind { get; }

    void WriteSamples(PrometheusText page);

    /// <summary>Makes it readable through a meter, under its name with dots. Its values are read when someone collects them.</summary>
    void AddTo(Meter meter);

    /// <summary>Of the first cell in the order of the page: a count, or how many values a histogram took; 0 without a cell.</summary>
    long FirstValue();
}
