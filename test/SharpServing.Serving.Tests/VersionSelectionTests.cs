namespace SharpServing.Serving.Tests;

public class VersionSelectionTests
{
    private static readonly string[] Numbers = ["non_numerical_child", "42", "33", "30", "21", "17"];

    public static TheoryData<string, ServableVersionPolicy, string[], string[], string[]> Cases => new()
    {
        // V001–V010 of the conformance cases.
        { "default", ServableVersionPolicy.Default, Numbers, ["42=/m/42"], [] },
        { "latest 0 is 1", new ServableVersionPolicy.Latest(0), Numbers, ["42=/m/42"], [] },
        { "latest 3", new ServableVersionPolicy.Latest(3), Numbers, ["42=/m/42", "33=/m/33", "30=/m/30"], [] },
        { "latest 9 of 2", new ServableVersionPolicy.Latest(9), ["1", "2"], ["2=/m/2", "1=/m/1"], [] },
        { "all", new ServableVersionPolicy.All(), ["3", "10", "2"], ["10=/m/10", "2=/m/2", "3=/m/3"], [] },
        { "specific", new ServableVersionPolicy.Specific([17, 30]), Numbers, ["17=/m/17", "30=/m/30"], [] },
        { "specific with zeros", new ServableVersionPolicy.Specific([17, 30]), ["00017", "30"], ["17=/m/00017", "30=/m/30"], [] },
        {
            "specific missing", new ServableVersionPolicy.Specific([30, 7]), ["30"], ["30=/m/30"],
            ["Version 7 of servable m, which was requested to be served as a 'specific' version in the servable's version policy, was not found in the file system"]
        },
        {
            "duplicates, default: the last in byte order", ServableVersionPolicy.Default, ["0001", "001", "00001", "x"], ["1=/m/001"],
            [
                "Duplicate version directories detected. Version 1 will be loaded from 0001, 00001 will be ignored.",
                "Duplicate version directories detected. Version 1 will be loaded from 001, 0001 will be ignored.",
            ]
        },
        {
            "duplicates, all: both are emitted", new ServableVersionPolicy.All(), ["001", "0001", "2"], ["1=/m/0001", "1=/m/001", "2=/m/2"],
            ["Duplicate version directories detected. Version 1 will be loaded from 001, 0001 will be ignored."]
        },
        { "negative beside positive", ServableVersionPolicy.Default, ["-3", "2"], ["2=/m/2"], [] },
        { "negative alone", ServableVersionPolicy.Default, ["-3"], ["-3=/m/-3"], [] },
        { "plus", ServableVersionPolicy.Default, ["+5", "4"], ["5=/m/+5"], [] },
        {
            "nothing", ServableVersionPolicy.Default, ["tmp"], [],
            ["No versions of servable m found under base path /m. Did you forget to name your leaf directory as a number (eg. '/1/')?"]
        },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Select_Case_GivesVersionsAndWarnings(
        string about, ServableVersionPolicy policy, string[] children, string[] expected, string[] warnings)
    {
        var warned = new List<string>();
        IReadOnlyList<AspiredVersion> versions = VersionSelection.Select(new MonitoredServable("m", "/m", policy), children, warned.Add);
        versions.Select(version => $"{version.Version}={version.Path}").ToArray().ShouldBe(expected, customMessage: about);
        warned.ToArray().ShouldBe(warnings, customMessage: about);
    }
}
