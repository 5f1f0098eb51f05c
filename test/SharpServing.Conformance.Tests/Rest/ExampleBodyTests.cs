using System.Text.Json;
using SharpServing.Conformance.Tests.Document;
using SharpServing.Server.Tests.Support;

namespace SharpServing.Conformance.Tests.Rest;

/// <summary>Sections C5 and C6: the Examples of classify and regress bodies, and the texts of what is refused.</summary>
[Collection(nameof(BodyCollection))]
public sealed class ExampleBodyTests
{
    private readonly BodyServer _bodies;

    public ExampleBodyTests(BodyServer bodies) => _bodies = bodies;

    public static TheoryData<string> Ids => ConformanceCase.Data(CaseDocument.BlocksOf("C5", "C6").Select(block => block.Id));

    [Theory]
    [MemberData(nameof(Ids))]
    public Task Classify_Body_IsReadAsByTheOriginal(string id) => ConformanceCase.RunAsync(id, async () =>
    {
        CaseBlock block = CaseDocument.Block(id);
        RawHttpAnswer answer = await _bodies.Server.RestAsync("POST", $"/v1/models/{ExampleModel.Name}:classify", CaseBody.Of(block));
        string expected = block.Line("expected:");
        if (!expected.StartsWith("expected: accepted", StringComparison.Ordinal))
        {
            Refusal.Check(block, expected, answer);
            answer = await _bodies.Server.RestAsync("POST", $"/v1/models/{ExampleModel.Name}:regress", CaseBody.Of(block));
            Refusal.Check(block, expected, answer);
            return;
        }

        answer.Status.ShouldBe(200, answer.Text);
        using JsonDocument document = JsonDocument.Parse(answer.Text);
        IEnumerable<string> labels = document.RootElement.GetProperty("results").EnumerateArray().Select(classes => classes[0][0].GetString()!);
        ExampleModel.Print(labels.Select(ExampleModel.Read)).ShouldBe(ExampleModel.Print(ExampleModel.ReadExpected(block.Fenced("expected:")!)));
    });
}
