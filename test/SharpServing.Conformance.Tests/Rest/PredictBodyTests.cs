using System.Text;
using SharpServing.Conformance.Tests.Document;
using SharpServing.Server.Tests.Support;

namespace SharpServing.Conformance.Tests.Rest;

/// <summary>Sections C1 to C4: what a predict body is read as, and the texts of what is refused.</summary>
[Collection(nameof(BodyCollection))]
public sealed class PredictBodyTests
{
    private readonly BodyServer _bodies;

    public PredictBodyTests(BodyServer bodies) => _bodies = bodies;

    public static TheoryData<string> Ids => ConformanceCase.Data(CaseDocument.BlocksOf("C1", "C2", "C3", "C4").Select(block => block.Id));

    [Theory]
    [MemberData(nameof(Ids))]
    public Task Predict_Body_IsReadAsByTheOriginal(string id) => ConformanceCase.RunAsync(id, async () =>
    {
        CaseBlock block = CaseDocument.Block(id);
        RawHttpAnswer answer = await _bodies.Server.RestAsync("POST", $"/v1/models/{PassThroughModels.NameOf(block)}:predict", CaseBody.Of(block));
        string expected = block.Line("expected:");
        if (!expected.StartsWith("expected: accepted", StringComparison.Ordinal))
        {
            Refusal.Check(block, expected, answer);
            return;
        }

        answer.Status.ShouldBe(200, answer.Text);
        bool isRow = expected.Contains("**row**", StringComparison.Ordinal);
        answer.Text.ShouldContain(isRow ? "\"predictions\": " : "\"outputs\": ");
        string tensors = block.Fenced("expected:")!;
        TensorText.Of(Encoding.UTF8.GetString(answer.Body), block.Value("signature inputs")).ShouldBe(TensorText.Wrap(tensors));
    });
}
