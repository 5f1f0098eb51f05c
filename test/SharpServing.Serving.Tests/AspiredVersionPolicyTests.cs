using System.Globalization;

namespace SharpServing.Serving.Tests;

public class AspiredVersionPolicyTests
{
    // Notation: version, state letter, + aspired or - not. n new, l loading, r ready, u unload requested, e error, d disabled.
    public static TheoryData<string, string> AvailabilityCases => new()
    {
        // V025–V029 of the conformance cases (availability_preserving_policy_test).
        { "1u- 2e- 3r- 4r+ 5n+", "unload 3" },
        { "1r- 2l+", "" },
        { "1r- 2r- 3e+ 4l+", "unload 1" },
        { "1d- 2r- 3e-", "unload 2" },
        { "3r- 5n+ 4n+", "load 5" },
        { "1r- 2e+", "" },
        { "1r- 2n+", "load 2" },
        { "1r- 2r+", "unload 1" },
        { "1r+ 2r+", "" },
        { "1r+ 2e+", "" },
        { "", "" },
        { "1n-", "" },
    };

    public static TheoryData<string, string> ResourceCases => new()
    {
        { "1r- 2n+", "unload 1" },
        { "1u- 2n+", "" },
        { "1l- 2n+", "" },
        { "1d- 2n+", "load 2" },
        { "1e- 2n+ 3n+", "load 3" },
        { "1r+ 2n+", "load 2" },
        { "1r-", "unload 1" },
    };

    [Theory]
    [MemberData(nameof(AvailabilityCases))]
    public void AvailabilityPreserving_Snapshot_ChoosesAction(string versions, string action) =>
        Choose(new AvailabilityPreservingPolicy(), versions).ShouldBe(action);

    [Theory]
    [MemberData(nameof(ResourceCases))]
    public void ResourcePreserving_Snapshot_ChoosesAction(string versions, string action) =>
        Choose(new ResourcePreservingPolicy(), versions).ShouldBe(action);

    [Fact]
    public void Next_UnloadInLaterStream_ComesBeforeLoad()
    {
        ServableAction? action = AspiredVersionsDecision.Next(
            new AvailabilityPreservingPolicy(), [("a", Parse("1n+")), ("b", Parse("1r- 2r+")), ("c", Parse("7n+"))]);
        action.ShouldBe(new ServableAction(ServableActionKind.Unload, new ServableId("b", 1)));
    }

    [Fact]
    public void Next_OnlyLoads_FirstStream()
    {
        ServableAction? action = AspiredVersionsDecision.Next(
            new AvailabilityPreservingPolicy(), [("a", Parse("1r+")), ("b", Parse("3n+ 4n+")), ("c", Parse("7n+"))]);
        action.ShouldBe(new ServableAction(ServableActionKind.Load, new ServableId("b", 4)));
    }

    public static TheoryData<string, string, string> ApplyCases => new()
    {
        // held, aspired list, plan
        { "", "1", "add 1" },
        { "1r+", "1", "" },
        { "1r+", "2", "drop 1 add 2" },
        { "1r+", "", "drop 1" },
        { "1r+ 2e+", "2", "drop 1" },           // a failed version that stays aspired is not tried again
        { "1r- 2e+", "1", "wait" },             // version 1 still has to go
        { "1u-", "1", "wait" },
        { "1r- 2l+", "2 3", "add 3" },
        { "", "1 1 2", "add 1 add 2 twice 1" },
        { "1r+", "1 1", "" },
    };

    [Theory]
    [MemberData(nameof(ApplyCases))]
    public void Apply_HeldAndAspired_Plan(string held, string aspired, string expected)
    {
        var list = new List<AspiredVersion>();
        foreach (string version in aspired.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            list.Add(new AspiredVersion(long.Parse(version, CultureInfo.InvariantCulture), "/m/" + version));
        }

        AspiredVersionsPlan plan = AspiredVersionsDecision.Apply(Parse(held), list);
        var parts = new List<string>();
        if (plan.MustWait)
        {
            parts.Add("wait");
        }

        parts.AddRange(plan.Unaspire.Select(version => $"drop {version}"));
        parts.AddRange(plan.Add.Select(version => $"add {version.Version}"));
        parts.AddRange(plan.Duplicates.Select(version => $"twice {version}"));
        string.Join(' ', parts).ShouldBe(expected);
    }

    private static string Choose(IAspiredVersionPolicy policy, string versions) => policy.GetNextAction(Parse(versions)) switch
    {
        (ServableActionKind.Load, long version) => $"load {version}",
        (ServableActionKind.Unload, long version) => $"unload {version}",
        _ => "",
    };

    private static AspiredServableSnapshot[] Parse(string versions)
    {
        var parsed = new List<AspiredServableSnapshot>();
        foreach (string version in versions.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            HarnessState state = version[^2] switch
            {
                'n' => HarnessState.New,
                'l' => HarnessState.Loading,
                'r' => HarnessState.Ready,
                'u' => HarnessState.UnloadRequested,
                'e' => HarnessState.Error,
                'd' => HarnessState.Disabled,
                _ => throw new ArgumentException(version),
            };
            parsed.Add(new AspiredServableSnapshot(long.Parse(version[..^2], CultureInfo.InvariantCulture), state, version[^1] == '+'));
        }

        return [.. parsed];
    }
}
