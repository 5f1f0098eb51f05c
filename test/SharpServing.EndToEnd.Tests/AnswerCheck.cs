using SharpServing.Ops;
using SharpServing.Runtime.Sessions;
using SharpServing.Tensors;
using SharpServing.Verification;

namespace SharpServing.EndToEnd.Tests;

/// <summary>Compares answers by the code of the command <c>verify</c>.</summary>
internal sealed class AnswerCheck
{
    private readonly List<string> _wrong = [];
    private readonly VerifyContext _context;
    private int _right;

    public AnswerCheck(ServedUnit unit) => _context = new VerifyContext(
        new RuntimeBackend(OpCatalog.Registry, new GraphSessionOptions()), new VerifyOptions(), Take, "served", unit.Name, unit.Directory);

    /// <summary>An answer that was compared elsewhere.</summary>
    public void CountRight() => _right++;

    public void Answer(GoldenRequest request, ServingStatus status, IReadOnlyDictionary<string, Tensor> outputs)
    {
        if (status.IsOk)
        {
            outputs.Keys.ShouldBe(request.Signature.Outputs.Keys, ignoreOrder: true);
        }

        string[] names = [.. outputs.Keys];
        _context.CheckAnswer(request.Id, status, [.. names.Select(name => outputs[name])], request.Answer, names);
        foreach (Tensor output in outputs.Values)
        {
            output.Release();
        }
    }

    public void ShouldBeRight(int requests)
    {
        string.Join('\n', _wrong).ShouldBeEmpty();
        _right.ShouldBe(requests);
    }

    private void Take(VerifyResult result)
    {
        if (result.Outcome == VerifyOutcome.Passed)
        {
            _right++;
        }
        else
        {
            _wrong.Add($"{result.Case}: {result.Detail}");
        }
    }
}
