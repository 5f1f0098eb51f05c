using System.Globalization;
using SharpServing.TestSupport;
using SharpServing.Verification;

namespace SharpServing.EndToEnd.Tests;

/// <summary>The models that are called through sockets.</summary>
internal static class ServedUnits
{
    /// <summary>Golden data and folder of a model of other people, by the name of its golden file.</summary>
    private static readonly string[] ThirdParty =
    [
        "sagemaker_half_plus_three@00000123", "sagemaker_half_plus_three@00000124", "tf_half_plus_two", "tf_half_plus_two_main_op",
        "tf_half_plus_two_pbtxt", "tf_half_plus_two_v2", "tfjava_saved_model_half_plus_two", "tfs_half_plus_three", "tfs_half_plus_three_old",
        "tfs_half_plus_two_2_versions@00000123", "tfs_half_plus_two_2_versions@00000124", "tfs_half_plus_two_cpu",
        "tfs_half_plus_two_cpu_with_config", "tfs_half_plus_two_tf2_cpu", "tfs_matrix_half_plus_two",
    ];

    /// <summary>Those which TensorFlow refuses to load without a GPU unless it may place their nodes elsewhere.</summary>
    private static readonly string[] PlacedOnGpu = ["tfs_half_plus_two_gpu", "tfs_half_plus_two_gpu_trt"];

    private static readonly string[] Golden =
    [
        "dtype_echo", "echo_bfloat16", "echo_complex64", "echo_float16", "echo_float64", "echo_int16", "echo_int64", "echo_string", "echo_uint32",
        "echo_uint64", "echo_uint8", "gen_1_0_half_plus_two", "gen_1_0_mnist_softmax", "gen_1_12_half_plus_two", "gen_1_12_mnist_cnn",
        "gen_1_12_mnist_softmax", "gen_1_15_half_plus_two", "gen_1_15_mnist_cnn", "gen_1_15_mnist_softmax", "gen_1_4_half_plus_two",
        "gen_1_4_mnist_cnn", "gen_1_4_mnist_softmax", "gen_2_0_half_plus_two", "gen_2_0_keras_cnn", "gen_2_0_mnist_cnn", "gen_2_0_mnist_softmax",
        "gen_2_15_half_plus_two", "gen_2_15_keras_cnn", "gen_2_15_mnist_softmax", "gen_2_21_half_plus_two", "gen_2_21_keras_cnn",
        "gen_2_21_mnist_cnn", "gen_2_21_mnist_softmax", "gen_2_3_half_plus_two", "gen_2_3_keras_cnn", "gen_2_3_mnist_cnn",
        "gen_2_8_half_plus_two", "gen_2_8_mnist_cnn", "gen_2_8_mnist_softmax", "gru_seq", "gru_seq_reset_before", "half_plus_two_legacy_init_op",
        "half_plus_two_resource", "linear_complex64", "linear_float16", "linear_float32", "linear_float64", "linear_scalar", "lstm_seq",
        "lstm_seq_backwards", "lstm_seq_bidirectional", "lstm_seq_states", "mobilenet_v2_035", "mobilenet_v3_small", "point_classifier",
        "point_classifier_v1", "vgg_thin",
    ];

    private static readonly string[] Demo = ["digits", "linear", "points", "shapes"];

    public static IReadOnlyDictionary<string, ServedUnit> All { get; } = ThirdParty.Select(ThirdPartyUnit)
        .Concat(Golden.Select(name => OwnUnit(name, "golden", "models")))
        .Concat(Demo.Select(name => OwnUnit(name, "demo")))
        .ToDictionary(unit => unit.Name);

    public static IReadOnlyDictionary<string, ServedUnit> OnGpu { get; } = PlacedOnGpu.Select(ThirdPartyUnit).ToDictionary(unit => unit.Name);

    private static ServedUnit ThirdPartyUnit(string golden)
    {
        string model = golden.Split('@')[0];
        string root = SharedData.PathOf("models", model);
        string directory = golden.Contains('@', StringComparison.Ordinal)
            ? Path.Combine(root, golden.Split('@')[1])
            : Directory.GetDirectories(root).Single(folder => long.TryParse(Path.GetFileName(folder), out _));
        return new ServedUnit(
            golden, model, VersionOf(directory), directory, SharedData.PathOf("golden", "third_party", golden + ".json"), IsChecked: false);
    }

    private static ServedUnit OwnUnit(string name, params string[] folder)
    {
        string directory = SharedData.PathOf([.. folder, name, "1"]);
        string model = folder[0] == "demo" ? "demo_" + name : name;
        return new ServedUnit(
            model, model, VersionOf(directory), GoldenWeights.Materialize(directory, SharedData.Cache), Path.Combine(directory, "golden.json"), IsChecked: true);
    }

    private static long VersionOf(string directory) => long.Parse(Path.GetFileName(directory), CultureInfo.InvariantCulture);
}
