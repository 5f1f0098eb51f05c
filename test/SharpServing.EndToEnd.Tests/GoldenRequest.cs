using System.Globalization;
using System.Text.Json;
using SharpServing.SavedModel;
using SharpServing.Tensors;
using SharpServing.Verification;
using Tensorflow;

namespace SharpServing.EndToEnd.Tests;

/// <summary>A recorded request and what the server has to answer.</summary>
internal sealed class GoldenRequest
{
    public required string Id { get; init; }

    public required string SignatureKey { get; init; }

    public required SignatureDef Signature { get; init; }

    public required IReadOnlyDictionary<string, Tensor> Inputs { get; init; }

    public required GoldenAnswer Answer { get; init; }

    public static IReadOnlyList<GoldenRequest> ReadAll(ServedUnit unit)
    {
        using JsonDocument file = JsonDocument.Parse(File.ReadAllBytes(unit.GoldenFile));
        string[] tags = [.. file.RootElement.GetProperty("tags").EnumerateArray().Select(tag => tag.GetString()!)];
        SavedModelReader.TryRead(unit.Directory, tags, out SavedModelGraph? graph).ShouldBe(ServingStatus.Ok);
        var requests = new List<GoldenRequest>();
        foreach (JsonElement json in file.RootElement.GetProperty("requests").EnumerateArray())
        {
            string key = json.GetProperty("signature").GetString()!;
            SignatureDef signature = graph!.MetaGraph.SignatureDef[key];
            Dictionary<string, Tensor> inputs = json.GetProperty("inputs").EnumerateObject()
                .ToDictionary(input => input.Name, input => GoldenTensorReader.Read(input.Value).Values!);
            string number = requests.Count.ToString(CultureInfo.InvariantCulture);
            requests.Add(new GoldenRequest
            {
                Id = json.TryGetProperty("id", out JsonElement id) ? id.GetString()! : number,
                SignatureKey = key,
                Signature = signature,
                Inputs = inputs,
                Answer = unit.IsChecked ? GoldenAnswerReader.Read(json) : Checked(signature, inputs, json),
            });
        }

        return requests;
    }

    /// <summary>The model's answers were recorded behind the serving layer: what that refuses never reached the session.</summary>
    private static GoldenAnswer Checked(SignatureDef signature, Dictionary<string, Tensor> inputs, JsonElement json)
    {
        ServingStatus status = ModelSignature.TryBind(
            signature, inputs.ToDictionary(input => input.Key, input => new Dictionary<string, Tensor> { [""] = input.Value }), out _);
        return status.IsOk
            ? GoldenAnswerReader.Read(json)
            : new GoldenAnswer { Error = new GoldenError { Code = status.Code, Messages = [status.Message] } };
    }
}
