namespace SharpServing.Verification;

/// <summary>How many cases ended in each way.</summary>
public readonly record struct VerifyCounts(int Passed, int Failed, int Refused)
{
    public VerifyCounts With(VerifyOutcome outcome) => outcome switch
    {
        VerifyOutcome.Passed => this with { Passed = Passed + 1 },
        VerifyOutcome.Failed => this with { Failed = Failed + 1 },
        _ => this with { Refused = Refused + 1 },
    };

    public override string ToString() => $"{Passed} passed, {Failed} failed, {Refused} refused";
}
