using System.Text;
using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using SharpServing.Protos.Text;
using SharpServing.TestSupport;
using Tensorflow;
using Tensorflow.Serving;

namespace SharpServing.Protos.Tests;

public sealed class TextFormatTests
{
    private const string ErrorMark = "text_format.cc] ";

    public static TheoryData<string, string> RecordedScenarios()
    {
        var data = new TheoryData<string, string>();
        foreach (string file in new[] { "scen_textproto", "scen_startup", "scen_batching", "scen_reloads" })
        {
            foreach (string line in File.ReadLines(SharedData.PathOf("golden", "tfs_transcripts", file + ".jsonl")))
            {
                // Later scenarios write a file twice; the order of their log lines belongs to the server's own tests.
                using JsonDocument scenario = JsonDocument.Parse(line);
                if (Writes(scenario.RootElement).Count() == 1 && (file == "scen_textproto" || line.Contains(ErrorMark, StringComparison.Ordinal)))
                {
                    data.Add(file, scenario.RootElement.GetProperty("id").GetString()!);
                }
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(RecordedScenarios))]
    public void TryParse_RecordedConfigFile_SaysWhatTheOriginalLogged(string file, string id)
    {
        string line = File.ReadLines(SharedData.PathOf("golden", "tfs_transcripts", file + ".jsonl"))
            .Single(l => l.StartsWith($"{{\"id\":\"{id}\"", StringComparison.Ordinal));
        using JsonDocument scenario = JsonDocument.Parse(line);
        (byte[] text, IMessage target) = TextAndType(scenario.RootElement, Writes(scenario.RootElement).Single());
        string[] expected = [.. LogLines(scenario.RootElement).Where(l => l.Contains(ErrorMark, StringComparison.Ordinal))
            .Select(l => l[(l.IndexOf(ErrorMark, StringComparison.Ordinal) + ErrorMark.Length)..])];

        bool parsed = TextFormat.TryParse(text, target, out IReadOnlyList<TextFormatDiagnostic> diagnostics);

        diagnostics.Select(d => Encoding.UTF8.GetString(StatusText.ToBytes(d.ToString()))).ShouldBe(expected);
        parsed.ShouldBe(!diagnostics.Any(d => !d.IsWarning));
    }

    [Fact]
    public void TryParse_AllForms_GiveTheirValues()
    {
        var config = Parse<ModelServerConfig>("""
            model_config_list: {
              config [ { name: 'd\x65f' "\141ult" base_path: "a\tb" }, < name: "\u0064\U0001F600" >; ]
            }
            """.Replace("; ]", " ]", StringComparison.Ordinal));
        config.ModelConfigList.Config.Select(c => c.Name).ShouldBe(["default", "d\U0001F600"]);
        config.ModelConfigList.Config[0].BasePath.ShouldBe("a\tb");

        var batching = Parse<BatchingParameters>("allowed_batch_sizes: [1, 0x10, 010] max_batch_size { value: 3 }, pad_variable_length_inputs: t; # end");
        batching.AllowedBatchSizes.ShouldBe([1, 16, 8]);
        batching.MaxBatchSize.ShouldBe(3);
        batching.PadVariableLengthInputs.ShouldBeTrue();

        var tensor = Parse<TensorProto>("dtype: 1 float_val: [1, -2.5, inf, -nan, 1e3, .5f, 18446744073709551616] int64_val: -9223372036854775808 tensor_content: '\\000\\xff'");
        tensor.Dtype.ShouldBe(DataType.DtFloat);
        tensor.FloatVal.Take(3).ShouldBe([1f, -2.5f, float.PositiveInfinity]);
        tensor.FloatVal[3].ShouldBe(float.NaN);
        tensor.FloatVal.Skip(4).ShouldBe([1000f, 0.5f, 18446744073709551616f]);
        tensor.Int64Val.ShouldBe([long.MinValue]);
        tensor.TensorContent.ToByteArray().ShouldBe(new byte[] { 0, 255 });
    }

    [Fact]
    public void TryParse_Maps_LastEntryOfAKeyWins()
    {
        var node = Parse<NodeDef>("attr { key: 'T' value { type: DT_INT32 } } attr { key: 'T' value { type: DT_FLOAT } } attr { key: 'none' }");
        node.Attr["T"].Type.ShouldBe(DataType.DtFloat);
        node.Attr["none"].ValueCase.ShouldBe(AttrValue.ValueOneofCase.None);
    }

    [Fact]
    public void TryParse_ExpandedAny_IsPacked()
    {
        var map = Parse<PlatformConfigMap>(
            "platform_configs { key: 'tensorflow' value { source_adapter_config { [type.googleapis.com/tensorflow.serving.ModelConfig] { name: 'x' } } } }");
        Any any = map.PlatformConfigs["tensorflow"].SourceAdapterConfig;
        any.TypeUrl.ShouldBe("type.googleapis.com/tensorflow.serving.ModelConfig");
        any.Unpack<ModelConfig>().Name.ShouldBe("x");
    }

    [Theory]
    [InlineData("meta_info_def { [a.b.c]: 1 }", "1:24: Extension \"a.b.c\" is not defined or is not an extension of \"tensorflow.MetaGraphDef.MetaInfoDef\".")]
    [InlineData("graph_def { node { attr { key: 'a' key: 'b' } } }", "1:39: Non-repeated field \"key\" is specified multiple times.")]
    [InlineData("graph_def { node { attr { kex: 'a' } } }", "1:30: Message type \"tensorflow.NodeDef.AttrEntry\" has no field named \"kex\".")]
    [InlineData("graph_def { versions { producer: 08 } }", "1:35: Numbers starting with leading zero must be in octal.", "1:34: Integer out of range (08)")]
    [InlineData("graph_def { versions { producer: 0x } }", "1:36: \"0x\" must be followed by hex digits.")]
    [InlineData("meta_info_def { stripped_default_attrs: yes }", "1:45: Invalid value for boolean field \"stripped_default_attrs\". Value: \"yes\".")]
    [InlineData("meta_info_def { tags: ['a', ] }", "1:29: Expected string, got: ]")]
    public void TryParse_Fault_HasProtobufsText(string text, params string[] expected)
    {
        TextFormat.TryParse(Encoding.UTF8.GetBytes(text), new MetaGraphDef(), out IReadOnlyList<TextFormatDiagnostic> diagnostics).ShouldBeFalse();
        diagnostics.Select(d => d.ToString()).ShouldBe(expected.Select(e => "Error parsing text-format tensorflow.MetaGraphDef: " + e));
    }

    [Fact]
    public void TryParse_ReservedName_IsReadOver()
    {
        var options = Parse<OptimizerOptions>("do_constant_folding: true");
        options.DoConstantFolding.ShouldBeTrue();
        Parse<SavedObject>("attributes { a: [1, 'x', -inf] b < c: 'd' 'e' > } asset { asset_file_def_index: 2 }").Asset.AssetFileDefIndex.ShouldBe(2);
    }

    [Fact]
    public void TryParse_DeepNesting_IsRefused()
    {
        byte[] text = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("list_value { values { ", 100_000)));
        TextFormat.TryParse(text, new StructuredValue(), out IReadOnlyList<TextFormatDiagnostic> diagnostics).ShouldBeFalse();
        diagnostics.Single().Text.ShouldStartWith("Message is too deep");
    }

    [Fact]
    public void TryParse_TruncatedOrMutated_NeverThrows()
    {
        byte[] text = File.ReadAllBytes(SharedData.PathOf("models", "tf_half_plus_two_pbtxt", "00000123", "saved_model.pbtxt"));
        TextFormat.TryParse(text, new SavedModel(), out _).ShouldBeTrue();
        for (int length = 0; length < text.Length; length += 37)
        {
            TextFormat.TryParse(text.AsMemory(0, length), new SavedModel(), out _);
        }

        var random = new Random(7);
        for (int i = 0; i < 300; i++)
        {
            byte[] mutated = (byte[])text.Clone();
            for (int k = 0; k < 5; k++)
            {
                mutated[random.Next(mutated.Length)] = (byte)random.Next(256);
            }

            bool parsed = TextFormat.TryParse(mutated, new SavedModel(), out IReadOnlyList<TextFormatDiagnostic> diagnostics);
            parsed.ShouldBe(diagnostics.All(d => d.IsWarning));
        }
    }

    private static T Parse<T>(string text)
        where T : IMessage, new()
    {
        var message = new T();
        TextFormat.TryParse(Encoding.UTF8.GetBytes(text), message, out IReadOnlyList<TextFormatDiagnostic> diagnostics)
            .ShouldBeTrue(string.Join('\n', diagnostics));
        return message;
    }

    private static IEnumerable<JsonElement> Writes(JsonElement scenario) =>
        scenario.GetProperty("steps").EnumerateArray()
            .Where(s => s.TryGetProperty("write", out JsonElement path) && path.GetString()!.StartsWith("/config/", StringComparison.Ordinal));

    private static (byte[] Text, IMessage Target) TextAndType(JsonElement scenario, JsonElement write)
    {
        byte[] text = write.TryGetProperty("text", out JsonElement plain)
            ? Encoding.UTF8.GetBytes(plain.GetString()!)
            : write.GetProperty("b64").GetBytesFromBase64();
        string path = write.GetProperty("write").GetString()!;
        string flag = scenario.GetProperty("steps").EnumerateArray().Where(s => s.TryGetProperty("start", out _))
            .SelectMany(s => s.GetProperty("start").EnumerateArray()).Select(f => f.GetString()!)
            .First(f => f.EndsWith("=" + path, StringComparison.Ordinal));
        IMessage target = flag.TrimStart('-').Split('=')[0] switch
        {
            "model_config_file" => new ModelServerConfig(),
            "batching_parameters_file" => new BatchingParameters(),
            "platform_config_file" => new PlatformConfigMap(),
            "monitoring_config_file" => new MonitoringConfig(),
            "ssl_config_file" => new SSLConfig(),
            string other => throw new InvalidOperationException(other),
        };
        return (text, target);
    }

    private static IEnumerable<string> LogLines(JsonElement scenario) =>
        scenario.GetProperty("steps").EnumerateArray().Where(s => s.TryGetProperty("stderr", out _))
            .SelectMany(s => s.GetProperty("stderr").EnumerateArray()).Select(l => l.GetString()!);
}
