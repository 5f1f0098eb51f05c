namespace SharpServing.Server.Monitoring;

/// <summary>A metric as the page sees it.</summary>
internal interface IMetric
{
    /// <summary>TensorFlow's: <c>/tensorflow/serving/request_count</c>.</summary>
    string Name { get; }

    /// <summary><c>counter</c>, <c>gauge</c> or <c>histogram</c>.</summary>
    string Kind { get; }

    void WriteSamples(PrometheusText page);

    /// <summary>Of the first cell in the order of the page: a count, or how many values a histogram took; 0 without a cell.</summary>
    long FirstValue();
}
