using Google.Protobuf;
using SharpServing.Server.Tests.Support;
using Tensorflow.Serving;

namespace SharpServing.Server.Tests.Startup;

/// <summary>Files in a version's folder beside the SavedModel.</summary>
public sealed class ModelFolderTests : IAsyncDisposable
{
    private readonly StartedServer _server = new();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task TfLite_Preferred_IsRefusedByName()
    {
        string folder = _server.AddVersion("m");
        await File.WriteAllBytesAsync(Path.Combine(folder, "model.tflite"), [1]);
        _server.Begin(_server.Entry("m"), Open, null, "--prefer_tflite_model");
        (await _server.Exit).ShouldBe(255);
        _server.Output.ShouldContain(
            $"{{name: m version: 1}} due to error: UNIMPLEMENTED: TensorFlow Lite models are not supported yet: {folder}/model.tflite. "
            + "Without prefer_tflite_model the SavedModel beside it is served.");
    }

    [Fact]
    public async Task TfLite_NotPreferred_SavedModelIsServed()
    {
        await File.WriteAllBytesAsync(Path.Combine(_server.AddVersion("m"), "model.tflite"), [1]);
        await _server.StartAsync(_server.Entry("m"), Open);
        (await _server.PostAsync("/v1/models/m:predict", "{\"inputs\": 2.0}")).Status.ShouldBe(200);
    }

    // W105.
    [Fact]
    public async Task TfLite_PreferredAndNotThere_SavedModelIsServed()
    {
        _server.AddVersion("m");
        await _server.StartAsync(_server.Entry("m"), Open, null, "--prefer_tflite_model");
        (await _server.PostAsync("/v1/models/m:predict", "{\"inputs\": 2.0}")).Status.ShouldBe(200);
    }

    // scen_warmup, saved_model_config_good: the same lines.
    [Fact]
    public async Task SavedModelConfig_WithOverrides_IsShownAndSaidToHaveNoEffect()
    {
        string file = WriteConfig(new SavedModelConfig { Critical = true, SessionOverrides = new SessionOverrides { DisableMetaOptimizer = true } }.ToByteArray());
        await _server.StartAsync(_server.Entry("m"), Open);
        await _server.Log.LineAsync($"Loading model config from {file}");
        await _server.Log.LineAsync($"Finished loading model config from {file}:session_overrides {{\n  disable_meta_optimizer: true\n}}\ncritical: true\n");
        await _server.Log.LineAsync($"session_overrides of {file} have no effect in SharpServing");
    }

    // scen_warmup, saved_model_config_garbage; W202.
    [Fact]
    public async Task SavedModelConfig_Broken_IsAWarning()
    {
        string file = WriteConfig([0xFF, 0xFF]);
        await _server.StartAsync(_server.Entry("m"), Open);
        await _server.Log.LineAsync($"Failed to load saved model config: INTERNAL: Unable to parse SavedModelConfig: {file}");
        (await _server.PostAsync("/v1/models/m:predict", "{\"inputs\": 2.0}")).Status.ShouldBe(200);
    }

    // tfserving.md, 7.4.
    [Fact]
    public async Task SavedModelConfig_EnabledByAPlatform_IsTheOriginalsRefusal()
    {
        _server.AddVersion("m");
        string platforms = Path.Combine(_server.Folder, "platforms");
        await File.WriteAllTextAsync(
            platforms,
            """
            platform_configs { key: "tensorflow" value { source_adapter_config {
              [type.googleapis.com/tensorflow.serving.SavedModelBundleSourceAdapterConfig] { legacy_config { enable_saved_model_config: true } } } } }
            """);
        _server.Begin(_server.Entry("m"), Open, null, $"--platform_config_file={platforms}");
        (await _server.Exit).ShouldBe(255);
        _server.Output.ShouldContain("{name: m version: 1} due to error: UNIMPLEMENTED: Saved model config functionality is not implemented.");
    }

    private static SharpServing.Server.Services.SavedModelServable Open(string folder, IReadOnlyList<string> tags, CancellationToken cancellation) =>
        FakeModels.HalfPlusTwo();

    private string WriteConfig(byte[] bytes)
    {
        string file = Path.Combine(_server.AddVersion("m"), "assets.extra", "saved_model_config.pb");
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllBytes(file, bytes);
        return file;
    }
}
