using SharpServing.TestSupport;

namespace SharpServing.Conformance.Tests.Support;

/// <param name="Name">What it is served as.</param>
/// <param name="Folder">Its base path.</param>
/// <param name="More">Further fields of its config.</param>
internal sealed record ServedModel(string Name, string Folder, string More = "")
{
    /// <summary>The fixtures of section A.1 under their short names, and HP2 also as <c>default</c>.</summary>
    public static IReadOnlyList<ServedModel> Fixtures { get; } =
    [
        Fixture("default", "tfs_half_plus_two_cpu"),
        Fixture("HP2", "tfs_half_plus_two_cpu"),
        Fixture("HP2V", "tfs_half_plus_two_2_versions", "model_version_policy { all {} }"),
        Fixture("HP3", "tfs_half_plus_three"),
        Fixture("HP2T2", "tfs_half_plus_two_tf2_cpu"),
        Fixture("CNT", "tfs_counter"),
        Fixture("MHP2", "tfs_matrix_half_plus_two"),
    ];

    public static ServedModel Fixture(string name, string directory, string more = "") => new(name, SharedData.PathOf("models", directory), more);

    public string ToConfig() => $"config {{ name: \"{Name}\" base_path: \"{Folder}\" model_platform: \"tensorflow\" {More} }}\n";
}
