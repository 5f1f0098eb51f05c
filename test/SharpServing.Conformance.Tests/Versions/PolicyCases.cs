using System.Globalization;
using SharpServing.Serving;

namespace SharpServing.Conformance.Tests.Versions;

/// <summary>Rows V025 to V029: what the policy chooses for a snapshot, which no client sees.</summary>
internal static class PolicyCases
{
    /// <summary>Version, state and whether it is aspired, and the action.</summary>
    private static readonly Dictionary<string, (string Versions, string Action)> Snapshots = new()
    {
        ["V025"] = ("1 UnloadRequested -, 2 Error -, 3 Ready -, 4 Ready +, 5 New +", "Unload 3"),
        ["V026"] = ("1 Ready -, 2 Loading +", ""),
        ["V027"] = ("1 Ready -, 2 Ready -, 3 Error +, 4 Loading +", "Unload 1"),
        ["V028"] = ("1 Disabled -, 2 Ready -, 3 Error -", "Unload 2"),
        ["V029"] = ("3 Ready -, 5 New +, 4 New +", "Load 5"),
    };

    public static IReadOnlyDictionary<string, Func<Task>> Tests { get; } =
        Snapshots.ToDictionary(row => row.Key, row => (Func<Task>)(() => ChoosesAsync(row.Value.Versions, row.Value.Action)));

    private static Task ChoosesAsync(string versions, string action)
    {
        AspiredServableSnapshot[] snapshots = [.. versions.Split(", ").Select(Parse)];
        string chosen = new AvailabilityPreservingPolicy().GetNextAction(snapshots) is var (kind, version) ? $"{kind} {version}" : "";
        chosen.ShouldBe(action);
        return Task.CompletedTask;
    }

    private static AspiredServableSnapshot Parse(string text)
    {
        string[] parts = text.Split(' ');
        return new AspiredServableSnapshot(long.Parse(parts[0], CultureInfo.InvariantCulture), Enum.Parse<HarnessState>(parts[1]), parts[2] == "+");
    }
}
