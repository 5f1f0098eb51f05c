using SharpServing.TestSupport;
using SharpServing.Tensors;

namespace SharpServing.Verification.Tests;

public sealed class VerifierTests
{
    [Fact]
    public void Run_OpFile_CountsEachWay()
    {
        string file = WriteFile("""
            {"op":"Foo","tensorflow":"2.21.0","cases":[
            {"id":"right","inputs":[{"dtype":"int32","shape":[],"data":"AQAAAA=="}],"attrs":{"T":{"type":"DT_INT32"},"s":{"s":"eA=="}},"outputs":[{"dtype":"int32","shape":[],"data":"BwAAAA=="}],"rtol":0,"atol":0},
            {"id":"wrong","inputs":[],"attrs":{},"outputs":[{"dtype":"int32","shape":[],"data":"CAAAAA=="}],"rtol":0,"atol":0},
            {"id":"error","inputs":[],"attrs":{},"error":{"code":"INTERNAL","message":"no"}}
            ]}
            """);
        var backend = new FakeBackend { Answer = _ => (ServingStatus.Ok, [Tensor.FromScalar(7)]) };
        VerifyReport report = Run(backend, file);
        report.Total.ShouldBe(new VerifyCounts(1, 2, 0));
        report.NotPassed.Select(r => r.Case).ShouldBe(["wrong", "error"]);
        report.NotPassed[0].Detail.ShouldBe("output 0: [0] is 7, expected 8; 1 of 1 differ");
        report.NotPassed[1].Detail.ShouldBe("answers, expected INTERNAL: no");

        report = Run(new FakeBackend { Open = _ => FakeBackend.Unsupported }, file);
        report.Total.ShouldBe(new VerifyCounts(0, 0, 3));
        report = Run(new FakeBackend { Open = _ => ServingStatus.Internal("no\n\t [[{{node Foo}}]]") }, file, "error");
        report.Total.ShouldBe(new VerifyCounts(1, 0, 0));
    }

    [Fact]
    public void Run_OpFile_MakesANodeNamedAsItsOp()
    {
        string file = WriteFile("""
            {"op":"Foo","cases":[{"id":"x","inputs":[{"dtype":"int32","shape":[],"data":"AQAAAA=="},{"dtype":"string","shape":[0],"data":[]}],
            "attrs":{"T":{"type":"DT_INT32"},"L":{"list":{"i":["1","-2"]}},"e":{"list":{}},"sh":{"shape":{"dim":[{},{"size":"3"}]}},"f":{"f":"Infinity"}},"outputs":[],"rtol":0,"atol":0}]}
            """);
        var backend = new FakeBackend();
        Run(backend, file).Total.ShouldBe(new VerifyCounts(1, 0, 0));
        Tensorflow.NodeDef node = backend.LastGraph!.Node[^1];
        (node.Name, node.Op).ShouldBe(("Foo", "Foo"));
        node.Input.ShouldBe(["Placeholder", "Placeholder_1"]);
        node.Attr["L"].List.I.ShouldBe([1L, -2L]);
        node.Attr["sh"].Shape.Dim.Select(d => d.Size).ShouldBe([0L, 3L]);
        node.Attr["f"].F.ShouldBe(float.PositiveInfinity);
        node.Attr["e"].ValueCase.ShouldBe(Tensorflow.AttrValue.ValueOneofCase.List);
    }

    [Fact]
    public void Run_ThrowingKernel_IsAFailure()
    {
        string file = WriteFile("""{"op":"Foo","cases":[{"id":"x","inputs":[],"attrs":{},"error":{"code":"INTERNAL","message":"no"}}]}""");
        VerifyReport report = Run(new FakeBackend { Answer = _ => throw new InvalidOperationException("bug") }, file);
        report.Total.ShouldBe(new VerifyCounts(0, 1, 0));
        report.NotPassed[0].Detail.ShouldContain("bug");
    }

    [Fact]
    public void Run_SharedData_FindsEveryCase()
    {
        VerifyReport report = Run(new FakeBackend { Open = _ => FakeBackend.Unsupported }, SharedData.PathOf("golden", "ops"), "ops/A");
        report.Total.Refused.ShouldBeGreaterThan(500);
        report.Total.Failed.ShouldBe(0);
        Run(new FakeBackend { Open = _ => FakeBackend.Unsupported }, SharedData.PathOf("golden", "graphs")).Total.Refused.ShouldBeGreaterThan(3000);
        Run(new FakeBackend { Open = _ => FakeBackend.Unsupported }, SharedData.PathOf("golden", "third_party"), "third_party/tf").Total.Refused.ShouldBeGreaterThan(300);
        Run(new FakeBackend { Open = _ => FakeBackend.Unsupported }, SharedData.PathOf("demo")).Groups.Keys.ShouldContain("demo");
    }

    [Fact]
    public void Run_FolderWithoutGoldenData_SaysSo()
    {
        new Verifier(new FakeBackend(), new VerifyOptions(), _ => { }).Run(SharedData.PathOf("golden", "keras")).ShouldBeFalse();
        new Verifier(new FakeBackend(), new VerifyOptions(), _ => { }).Run(SharedData.PathOf("no_such_folder")).ShouldBeFalse();
    }

    private static VerifyReport Run(FakeBackend backend, string path, string filter = "")
    {
        var report = new VerifyReport();
        new Verifier(backend, new VerifyOptions { Filter = filter, Cache = SharedData.Cache }, report.Add).Run(path).ShouldBeTrue();
        return report;
    }

    private static string WriteFile(string json)
    {
        string folder = Directory.CreateDirectory(Path.Combine(SharedData.Cache, "temporary", Guid.NewGuid().ToString("N"), "ops")).FullName;
        string path = Path.Combine(folder, "Foo.json");
        File.WriteAllText(path, json);
        return path;
    }
}
