using Google.Protobuf;
using SharpServing.Server.Rest.Json;
using Tensorflow;
using Tensorflow.Serving;

namespace SharpServing.Server.Rest;

/// <summary>
/// Makes the Examples of a Classify or Regress from a JSON body: <c>{"signature_name", "context": example, "examples": [example…]}</c>,
/// where an example is an object of features. Source: <c>FillClassificationRequestFromJson</c> in util/json_tensor.cc.
/// </summary>
internal static class JsonExampleReader
{
    /// <param name="root">The body.</param>
    /// <param name="signatureName">Empty: none was named.</param>
    /// <param name="input">Filled when the status is OK.</param>
    public static ServingStatus TryRead(JsonValue root, out string signatureName, Input input)
    {
        ServingStatus status = JsonSignatureName.TryRead(root, out signatureName);
        if (!status.IsOk)
        {
            return status;
        }

        Example? context = null;
        if (root.TryGetMember("context"u8, out JsonValue value))
        {
            context = new Example();
            status = TryReadExample(value, context);
            if (!status.IsOk)
            {
                return status;
            }
        }

        var examples = new List<Example>();
        status = TryReadExamples(root, examples);
        if (!status.IsOk)
        {
            return status;
        }

        if (context is null)
        {
            input.ExampleList = new ExampleList { Examples = { examples } };
        }
        else
        {
            input.ExampleListWithContext = new ExampleListWithContext { Context = context, Examples = { examples } };
        }

        return ServingStatus.Ok;
    }

    private static ServingStatus TryReadExamples(JsonValue root, List<Example> examples)
    {
        if (!root.TryGetMember("examples"u8, out JsonValue list))
        {
            // The original has one text for both methods.
            return RestFaults.Quoting(root, "When method is classify, key 'examples' is expected and was not found");
        }

        if (!list.IsArray)
        {
            return RestFaults.Quoting(root, "Expecting 'examples' value to be an list/array");
        }

        if (list.Count == 0)
        {
            return RestFaults.Quoting(root, "'examples' value is an empty array");
        }

        JsonValue element = list.First;
        for (int i = list.Count; i > 0; i--)
        {
            var example = new Example();
            ServingStatus status = TryReadExample(element, example);
            if (!status.IsOk)
            {
                return status;
            }

            examples.Add(example);
            element = element.Next;
        }

        return ServingStatus.Ok;
    }

    private static ServingStatus TryReadExample(JsonValue value, Example example)
    {
        if (!value.IsObject)
        {
            return ServingStatus.InvalidArgument($"Example must be JSON object but got JSON {value.KindName}");
        }

        example.Features = new Features();
        JsonValue name = value.First;
        for (int i = value.Count; i > 0; i--)
        {
            JsonValue content = name.Next;
            string feature = StatusText.FromBytes(name.String);
            ServingStatus status = TryReadFeature(feature, content, out Feature made);
            if (!status.IsOk)
            {
                return status;
            }

            example.Features.Feature[feature] = made;
            name = content.Next;
        }

        if (value.Count == 0)
        {
            example.Features = null;
        }

        return ServingStatus.Ok;
    }

    private static ServingStatus TryReadFeature(string name, JsonValue content, out Feature feature)
    {
        feature = new Feature();
        if (!content.IsArray)
        {
            return TryAdd(name, content, feature);
        }

        JsonValue element = content.First;
        for (int i = content.Count; i > 0; i--)
        {
            ServingStatus status = TryAdd(name, element, feature);
            if (!status.IsOk)
            {
                return status;
            }

            element = element.Next;
        }

        return ServingStatus.Ok;
    }

    private static ServingStatus TryAdd(string name, JsonValue value, Feature feature)
    {
        switch (value.Kind)
        {
            case JsonKind.String:
                return AddBytes(name, value.String, feature);
            case JsonKind.Int64:
                return AddInteger(name, value.Int64, feature);
            case JsonKind.True or JsonKind.False:
                return AddInteger(name, value.Kind == JsonKind.True ? 1 : 0, feature);
            case JsonKind.UInt64:
                return ServingStatus.InvalidArgument($"Feature: {name} has uint64_t element. Only int64_t is supported.");
            case JsonKind.Double:
                return AddFloat(name, JsonTensorReader.ToFloat(value.Double), feature);
            case JsonKind.Object when JsonBase64.TryGet(value, out JsonValue text):
                byte[] decoded = new byte[Base64Text.MaxDecodedLength(text.String.Length)];
                return Base64Text.TryDecode(text.String, decoded, out int length)
                    ? AddBytes(name, decoded.AsSpan(0, length), feature)
                    : RestFaults.BadBase64;
            default:
                return ServingStatus.InvalidArgument($"Feature: {name} has element with unexpected JSON type: {value.KindName}");
        }
    }

    private static ServingStatus AddBytes(string name, ReadOnlySpan<byte> value, Feature feature)
    {
        if (!Takes(feature, Feature.KindOneofCase.BytesList))
        {
            return WrongKind(name, feature);
        }

        (feature.BytesList ??= new BytesList()).Value.Add(ByteString.CopyFrom(value));
        return ServingStatus.Ok;
    }

    private static ServingStatus AddInteger(string name, long value, Feature feature)
    {
        if (!Takes(feature, Feature.KindOneofCase.Int64List))
        {
            return WrongKind(name, feature);
        }

        (feature.Int64List ??= new Int64List()).Value.Add(value);
        return ServingStatus.Ok;
    }

    private static ServingStatus AddFloat(string name, float value, Feature feature)
    {
        if (!Takes(feature, Feature.KindOneofCase.FloatList))
        {
            return WrongKind(name, feature);
        }

        (feature.FloatList ??= new FloatList()).Value.Add(value);
        return ServingStatus.Ok;
    }

    private static bool Takes(Feature feature, Feature.KindOneofCase kind) => feature.KindCase == Feature.KindOneofCase.None || feature.KindCase == kind;

    private static ServingStatus WrongKind(string name, Feature feature)
    {
        string kind = feature.KindCase switch
        {
            Feature.KindOneofCase.BytesList => "bytes",
            Feature.KindOneofCase.FloatList => "float",
            _ => "int64",
        };
        return ServingStatus.InvalidArgument($"Unexpected element type in feature: {name} expecting type: {kind}");
    }
}
