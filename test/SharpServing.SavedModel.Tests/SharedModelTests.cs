using System.Text.Json;
using SharpServing.TestSupport;
using SharpServing.Tensors;
using Tensorflow;
using SavedModelProto = Tensorflow.SavedModel;

namespace SharpServing.SavedModel.Tests;

/// <summary>Every model of the shared data is read, whether or not its ops exist.</summary>
public sealed class SharedModelTests
{
    /// <summary>Load errors of golden models that only running the graph finds.</summary>
    private static readonly string[] FoundByTheRuntime =
    [
        "broken_cycle", "broken_duplicate_node", "broken_main_op_missing", "broken_min_consumer", "broken_missing_attr", "broken_no_asset",
        "broken_unknown_op", "broken_unknown_op_unused", "broken_variable_shape",
    ];

    public static TheoryData<string> Folders() => new(ModelFolders.All().Where(f => !Path.GetFileName(Path.GetDirectoryName(f)!).StartsWith("broken_", StringComparison.Ordinal)
        && !f.Contains("_malformed", StringComparison.Ordinal)));

    public static TheoryData<string> Broken() => new(
        Directory.EnumerateDirectories(SharedData.PathOf("golden", "models"), "broken_*").Select(d => Path.GetFileName(d)!));

    public static TheoryData<string, string, string> Malformed() => new()
    {
        { "kserve_invalid_saved_model", "DATA_LOSS", "Can't parse $MODEL/saved_model.pb as binary proto" },
        { "tf_fuzz_negative_shape", "FAILED_PRECONDITION", "Saved model contains node \"b/initial_value\" (op \"Const\") which initializes from a tensor with -1 elements" },
        { "tf_fuzz_bad_node_attr", "FAILED_PRECONDITION", "Saved model contains node \"RestoreV2/tensor_names\" which is a constant tensor but no value has been provided" },
    };

    [Theory]
    [MemberData(nameof(Folders))]
    public void TryRead_EveryMetaGraph_AndEveryEntryOfItsCheckpoint(string folder)
    {
        string directory = ModelFolders.Materialize(folder);
        SavedModelReader.TryReadFile(directory, out SavedModelProto? savedModel).ShouldBe(ServingStatus.Ok);
        savedModel!.MetaGraphs.ShouldNotBeEmpty();
        foreach (MetaGraphDef metaGraph in savedModel.MetaGraphs)
        {
            ServingStatus status = SavedModelReader.TryRead(directory, metaGraph.MetaInfoDef.Tags, out SavedModelGraph? graph);
            status.ShouldBe(ServingStatus.Ok);
            graph!.MetaGraph.GraphDef.Node.ShouldNotBeEmpty();
            foreach (SavedModelAsset asset in graph.Assets)
            {
                asset.TensorName.ShouldNotBeEmpty();
                asset.Path.ShouldStartWith(directory + "/assets/");
            }

            // Only the weights of _graphonly were never published.
            if (graph.VariablesPrefix is { } prefix && !folder.Contains("_graphonly", StringComparison.Ordinal))
            {
                ReadAll(prefix).ShouldBeGreaterThan(0);
                ServingStatus restored = GraphRestores.Load(directory, [.. metaGraph.MetaInfoDef.Tags]);
                restored.Code.ShouldBe(folder.Contains("tf_UninitializedVariable", StringComparison.Ordinal) ? StatusCode.NotFound : StatusCode.Ok);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Broken))]
    public void TryRead_BrokenGoldenModel_GivesTheOriginalsStatus(string name)
    {
        string directory = SharedData.PathOf("golden", "models", name, "1");
        using JsonDocument golden = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(directory, "golden.json")));
        string[] tags = [.. golden.RootElement.GetProperty("tags").EnumerateArray().Select(t => t.GetString()!)];
        ServingStatus status = GraphRestores.Load(directory, tags);
        if (!golden.RootElement.TryGetProperty("load_error", out JsonElement error) || FoundByTheRuntime.Contains(name))
        {
            status.ShouldBe(ServingStatus.Ok);
            return;
        }

        // The recording replaced the folder and the full stop behind it; a node suffix is the runtime's.
        status.Code.ToName().ShouldBe(error.GetProperty("code").GetString());
        status.Message.Replace(directory, "MODEL_DIR", StringComparison.Ordinal).Replace("MODEL_DIR. ", "MODEL_DIR ", StringComparison.Ordinal)
            .ShouldBe(error.GetProperty("message").GetString()!.Split("\n\t [[")[0]);
    }

    [Theory]
    [MemberData(nameof(Malformed))]
    public void TryRead_MalformedModel_GivesTheOriginalsStatus(string name, string code, string message)
    {
        string directory = SharedData.PathOf("models", "_malformed", name, "1");
        ServingStatus status = SavedModelReader.TryRead(directory, ["serve"], out _);
        status.Code.ToName().ShouldBe(code);
        status.Message.ShouldBe(message.Replace("$MODEL", directory, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("embedding_ckpt/embedding.ckpt")]
    [InlineData("lso_ckpt_tf2.2_2shards/ckpt")]
    [InlineData("mnist_ckpt_46900/model.ckpt-46900")]
    [InlineData("profiler_ckpt/ckpt")]
    [InlineData("session_bundle_half_plus_two_ckpt_v2/export")]
    [InlineData("old_string_tensors/foo")]
    public void TryRead_SharedCheckpoint_EveryEntry(string prefix) => ReadAll(SharedData.PathOf("checkpoints", prefix)).ShouldBeGreaterThan(0);

    [Fact]
    public void TryRead_HalfPlusTwoCheckpoint_GivesItsValues()
    {
        CheckpointRestore.TryOpen(SharedData.PathOf("checkpoints", "session_bundle_half_plus_two_ckpt_v2", "export"), out ICheckpointReader? reader).ShouldBe(ServingStatus.Ok);
        using (reader)
        {
            reader!.Entries.Select(e => $"{e.Name} {e.Type.ToName()}{e.Shape}").ShouldBe(["a float[]", "b float[]"]);
            reader.TryRead("a", "", out Tensor? a).ShouldBe(ServingStatus.Ok);
            reader.TryRead("b", "", out Tensor? b).ShouldBe(ServingStatus.Ok);
            (a!.Scalar<float>(), b!.Scalar<float>()).ShouldBe((0.5f, 2f));
            a.Release();
            b.Release();
            reader.TryRead("c", "", out _).ShouldBe(ServingStatus.NotFound("Key c not found in checkpoint"));
        }
    }

    private static int ReadAll(string prefix)
    {
        CheckpointRestore.TryOpen(prefix, out ICheckpointReader? reader).ShouldBe(ServingStatus.Ok);
        using (reader)
        {
            foreach (CheckpointEntry entry in reader!.Entries)
            {
                ServingStatus status = reader.TryRead(entry.Name, "", out Tensor? tensor);
                status.ShouldBe(ServingStatus.Ok, entry.ToString());
                (tensor!.DType, tensor.Shape).ShouldBe((entry.Type, entry.Shape));
                tensor.Release();
            }

            return reader.Entries.Count;
        }
    }
}
