namespace SharpServing.Verification.Tests;

public sealed class KnownFailureTests
{
    private static readonly VerifyResult[] Failed =
        [new("ops", "Abs", "x", VerifyOutcome.Failed, "differs"), new("ops", "Abs", "y", VerifyOutcome.Failed, "differs")];

    [Theory]
    [InlineData("ops/Abs/\treason", "", "")]
    [InlineData("ops/Abs/x\treason\nops/Abs/y\treason\tsometimes", "", "")]
    [InlineData("ops/Abs/x\treason", "ops/Abs/y: differs", "ops/Abs/y: differs")]
    [InlineData("ops/Abs/\treason\ngraphs/Abs/\treason", "", "")]
    [InlineData("ops/Abs/\treason\nops/Neg/\treason\nops/Exp/\treason\tsometimes", "KnownFailures.tsv: nothing fails that begins with ops/Neg/", "KnownFailures.tsv: nothing fails that begins with ops/Neg/")]
    [InlineData("ops/Abs/\treason\nops/Neg/\treason\traw", "KnownFailures.tsv: nothing fails that begins with ops/Neg/", "")]
    [InlineData("ops/Abs/\treason\nops/Neg/\treason\tpasses", "", "KnownFailures.tsv: nothing fails that begins with ops/Neg/")]
    public void Compare_Run_NamesWhatIsWrong(string rows, string raw, string passes)
    {
        KnownFailure[] known = KnownFailure.ReadAll(rows.Split('\n'));
        string.Join('\n', KnownFailure.Compare(known, "ops", isRaw: true, Failed)).ShouldBe(raw);
        string.Join('\n', KnownFailure.Compare(known, "ops", isRaw: false, Failed)).ShouldBe(passes);
    }

    [Theory]
    [InlineData("ops/Abs/")]
    [InlineData("ops/Abs/\t")]
    [InlineData("ops/Abs/\treason\tnever")]
    public void ReadAll_NotARow_Throws(string line) => Should.Throw<FormatException>(() => KnownFailure.ReadAll([line]));
}
