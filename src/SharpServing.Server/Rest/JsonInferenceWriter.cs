using System.Buffers;
using SharpServing.Server.Rest.Json;
using Tensorflow.Serving;

namespace SharpServing.Server.Rest;

/// <summary>Writes the answers of Classify and Regress as the original lays them out. Source: util/json_tensor.cc.</summary>
internal static class JsonInferenceWriter
{
    /// <summary><c>{"results": [[[label, score], …], …]}</c>: a list an example, in it a pair a class.</summary>
    public static ServingStatus TryWrite(Protos.Inference.ClassificationResult result, IBufferWriter<byte> output)
    {
        if (result.Classifications.Count == 0)
        {
            return ServingStatus.InvalidArgument("Cannot convert empty ClassificationResults to JSON");
        }

        JsonPrettyWriter writer = Start(output);
        foreach (Protos.Inference.Classifications example in result.Classifications)
        {
            writer.SingleLineArrays = true;
            writer.StartArray();
            foreach (Protos.Inference.Class entry in example.Classes)
            {
                writer.StartArray();
                writer.WriteString(entry.Label.Span);
                writer.WriteNumber(entry.Score);
                writer.EndArray();
            }

            writer.EndArray();
        }

        writer.SingleLineArrays = false;
        End(writer);
        return ServingStatus.Ok;
    }

    /// <summary><c>{"results": [value, …]}</c>, on one line.</summary>
    public static ServingStatus TryWrite(RegressionResult result, IBufferWriter<byte> output)
    {
        if (result.Regressions.Count == 0)
        {
            return ServingStatus.InvalidArgument("Cannot convert empty RegressionResults to JSON");
        }

        JsonPrettyWriter writer = Start(output);
        writer.SingleLineArrays = true;
        foreach (Regression entry in result.Regressions)
        {
            writer.WriteNumber(entry.Value);
        }

        End(writer);
        return ServingStatus.Ok;
    }

    private static JsonPrettyWriter Start(IBufferWriter<byte> output)
    {
        var writer = new JsonPrettyWriter(output);
        writer.StartObject();
        writer.WriteString("results"u8);
        writer.StartArray();
        return writer;
    }

    private static void End(JsonPrettyWriter writer)
    {
        writer.EndArray();
        writer.EndObject();
    }
}
