using SharpServing.Conformance.Tests.Document;
using SharpServing.Server.Tests.Support;
using SharpServing.Server.Tests.Transcripts;

namespace SharpServing.Conformance.Tests.Rest;

/// <summary>Section E: how answers are written.</summary>
[Collection(nameof(BodyCollection))]
public sealed class AnswerTests
{
    private readonly BodyServer _bodies;

    public AnswerTests(BodyServer bodies) => _bodies = bodies;

    public static TheoryData<string> Ids => ConformanceCase.Data(CaseDocument.BlocksOf("E").Select(block => block.Id));

    [Theory]
    [MemberData(nameof(Ids))]
    public Task Answer_OfModel_IsWrittenAsByTheOriginal(string id) => ConformanceCase.RunAsync(id, async () =>
    {
        CaseBlock block = CaseDocument.Block(id);
        (string verb, string body) = AnswerModels.RequestOf(block);
        RawHttpAnswer answer = await _bodies.Server.RestAsync("POST", $"/v1/models/{id}:{verb}", body);
        if (block.Fenced("expected body") is not { } expected)
        {
            Refusal.Check(block, block.Line("expected:"), answer);
            return;
        }

        answer.Status.ShouldBe(200, answer.Text);
        answer.Headers["content-type"].ShouldBe("application/json");
        if (verb != "predict" || !block.Value("tensors/results").Contains(' ', StringComparison.Ordinal))
        {
            answer.Text.ShouldBe(expected);
            return;
        }

        // Several outputs come in any order; the layout of each is the same.
        JsonOrder.Normalize(answer.Text).ShouldBe(JsonOrder.Normalize(expected));
        Lines(answer.Text).ShouldBe(Lines(expected));
    });

    private static IEnumerable<string> Lines(string text) => text.Split('\n').Select(line => line.TrimEnd(',')).Order(StringComparer.Ordinal);
}
