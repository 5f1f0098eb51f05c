using System.Text.Json.Nodes;
using SharpServing.Conformance.Tests.Support;
using SharpServing.Server.Tests.Support;
using SharpServing.TestSupport;
using Tensorflow;

namespace SharpServing.Conformance.Tests.Rest;

/// <summary>Section D.3: status and metadata.</summary>
internal static class MetadataCases
{
    /// <summary>Of HP2, byte for byte (row D201).</summary>
    public const string Status =
        "{\n \"model_version_status\": [\n  {\n   \"version\": \"123\",\n   \"state\": \"AVAILABLE\",\n   \"status\": {\n"
        + "    \"error_code\": \"OK\",\n    \"error_message\": \"\"\n   }\n  }\n ]\n}\n";

    public static IReadOnlyDictionary<string, Func<ConformanceServer, Task>> All { get; } = new Dictionary<string, Func<ConformanceServer, Task>>
    {
        ["D201"] = server => TransportCases.IsStatusAsync(server, "/v1/models/default"),
        ["D203"] = server => TransportCases.IsStatusAsync(server, "/v1/models/default/labels/Version_Label"),
        ["D204"] = BothVersionsAsync,
        ["D206"] = server => IsMetadataAsync(server, "default", "default", "half_plus_two_model_metadata.json"),
        ["D207"] = server => IsMetadataAsync(server, "HP2V/versions/123", null, "saved_model_half_plus_two_2_versions_metadata.json"),
        ["D208"] = server => IsMetadataAsync(server, "HP2T2", null, "saved_model_half_plus_two_tf2_2_versions_metadata.json"),
        ["D210"] = UnknownRankAsync,
        ["D211"] = UnknownDimensionAsync,
    };

    private static async Task BothVersionsAsync(ConformanceServer server)
    {
        JsonArray versions = JsonNode.Parse((await server.RestAsync("GET", "/v1/models/HP2V")).Text)!["model_version_status"]!.AsArray();
        versions.Select(version => $"{version!["version"]} {version["state"]}").ShouldBe(["124 AVAILABLE", "123 AVAILABLE"]);
    }

    /// <summary>The files come from a server with other names and versions; null: those are not compared.</summary>
    private static async Task IsMetadataAsync(ConformanceServer server, string model, string? name, string file)
    {
        RawHttpAnswer answer = await server.RestAsync("GET", $"/v1/models/{model}/metadata");
        answer.Status.ShouldBe(200, answer.Text);
        JsonNode got = JsonNode.Parse(answer.Text)!;
        JsonNode expected = JsonNode.Parse(await File.ReadAllTextAsync(SharedData.PathOf("models", "_expected", "tensorflow_serving", file)))!;
        if (name is null)
        {
            got.AsObject().Remove("model_spec");
            expected.AsObject().Remove("model_spec");
        }
        else
        {
            got["model_spec"]!["name"]!.GetValue<string>().ShouldBe(name);
            got["model_spec"]!["signature_name"]!.GetValue<string>().ShouldBeEmpty();
        }

        WithoutDefaults(got);
        WithoutDefaults(expected);
        JsonNode.DeepEquals(got, expected).ShouldBeTrue($"{got}\n\nexpected\n{expected}");
    }

    /// <summary>Some of the files are older than this field.</summary>
    private static void WithoutDefaults(JsonNode metadata)
    {
        foreach ((string _, JsonNode? signature) in metadata["metadata"]!["signature_def"]!["signature_def"]!.AsObject())
        {
            signature!.AsObject().Remove("defaults");
        }
    }

    private static async Task UnknownRankAsync(ConformanceServer _)
    {
        string folder = Directory.CreateTempSubdirectory("conformance-rank-").FullName;
        var maker = new ModelMaker();
        string x = maker.Placeholder("x", DataType.DtFloat);
        maker.Signature("serving_default", "tensorflow/serving/predict", [("x", x, DataType.DtFloat)], ("y", x, DataType.DtFloat)).Save(folder);
        await using ConformanceServer server = await ConformanceServer.StartAsync([new ServedModel("m", folder)]);
        (await TensorShapeAsync(server, "m")).ToJsonString().ShouldBe("{\"dim\":[],\"unknown_rank\":true}");
        Directory.Delete(folder, recursive: true);
    }

    private static async Task UnknownDimensionAsync(ConformanceServer server) =>
        (await TensorShapeAsync(server, "HP2V"))["dim"]![0]!.ToJsonString().ShouldBe("{\"size\":\"-1\",\"name\":\"\"}");

    private static async Task<JsonNode> TensorShapeAsync(ConformanceServer server, string model) =>
        JsonNode.Parse((await server.RestAsync("GET", $"/v1/models/{model}/metadata")).Text)!
            ["metadata"]!["signature_def"]!["signature_def"]!["serving_default"]!["inputs"]!["x"]!["tensor_shape"]!;
}
