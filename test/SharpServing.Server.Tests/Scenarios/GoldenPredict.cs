using System.Text.Json;
using Google.Protobuf;
using Tensorflow;
using Tensorflow.Serving;

namespace SharpServing.Server.Tests.Scenarios;

/// <summary>A request of golden.json as a message, for inputs of numbers that are written down in full.</summary>
internal static class GoldenPredict
{
    public static PredictRequest Make(string model, JsonElement golden)
    {
        var request = new PredictRequest { ModelSpec = new ModelSpec { Name = model, SignatureName = golden.GetProperty("signature").GetString()! } };
        foreach (JsonProperty input in golden.GetProperty("inputs").EnumerateObject())
        {
            input.Value.GetProperty("dtype").GetString().ShouldBe("float32");
            var tensor = new TensorProto
            {
                Dtype = DataType.DtFloat,
                TensorShape = new TensorShapeProto(),
                TensorContent = ByteString.CopyFrom(input.Value.GetProperty("data").GetBytesFromBase64()),
            };
            foreach (JsonElement size in input.Value.GetProperty("shape").EnumerateArray())
            {
                tensor.TensorShape.Dim.Add(new TensorShapeProto.Types.Dim { Size = size.GetInt64() });
            }

            request.Inputs[input.Name] = tensor;
        }

        return request;
    }
}
