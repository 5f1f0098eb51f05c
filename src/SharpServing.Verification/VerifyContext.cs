using SharpServing.Runtime;
using SharpServing.Tensors;

namespace SharpServing.Verification;

/// <summary>Runs cases of one unit (an op, a graph, a model), compares and reports.</summary>
internal sealed class VerifyContext
{
    private const string ThrownMark = "(thrown) ";

    private readonly VerifyBackend _backend;
    private readonly VerifyOptions _options;
    private readonly Action<VerifyResult> _report;
    private readonly string _group;
    private readonly string _unit;
    private readonly ErrorTexts _texts;
    private bool _hasRefusedRun;

    public VerifyContext(VerifyBackend backend, VerifyOptions options, Action<VerifyResult> report, string group, string unit, string? folder = null)
    {
        _backend = backend;
        _options = options;
        _report = report;
        _group = group;
        _unit = unit;
        _texts = new ErrorTexts(options.FullTexts, folder);
    }

    public VerifyBackend Backend => _backend;

    public VerifyOptions Options => _options;

    public bool IsWanted(string id) =>
        _options.Filter.Length == 0 || $"{_group}/{_unit}/{id}".Contains(_options.Filter, StringComparison.Ordinal);

    public bool IsUnitWanted => _options.Filter.Length == 0 || $"{_group}/{_unit}/".Contains(_options.Filter, StringComparison.Ordinal);

    public void Report(string id, VerifyOutcome outcome, string detail = "") => _report(new VerifyResult(_group, _unit, id, outcome, detail));

    /// <summary>Turns what a load or run throws into a status; a fault that is no status is marked as such.</summary>
    public static ServingStatus Guard(Func<ServingStatus> action)
    {
        try
        {
            return action();
        }
        catch (StatusException exception)
        {
            return exception.Status;
        }
#pragma warning disable CA1031 // A fault of one case is that case's result; the others go on.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return ServingStatus.Internal($"{ThrownMark}{exception}");
        }
    }

    /// <summary>Compares a load's status with what golden data expects of it.</summary>
    /// <returns>True when the session may be used.</returns>
    public bool CheckLoad(string id, ServingStatus status, GoldenError? expected)
    {
        if (expected is null)
        {
            if (!status.IsOk)
            {
                Report(id, _backend.IsUnsupported(status) ? VerifyOutcome.Refused : VerifyOutcome.Failed, $"load: {status}");
            }

            return status.IsOk;
        }

        string? difference = status.Message?.StartsWith(ThrownMark, StringComparison.Ordinal) == true ? status.Message
            : status.IsOk ? $"loads, expected {expected.Code.ToName()}: {expected.Messages[0]}" : _texts.Compare(expected, status);
        Report(
            id,
            difference is null ? VerifyOutcome.Passed : _backend.IsUnsupported(status) ? VerifyOutcome.Refused : VerifyOutcome.Failed,
            difference ?? "");
        return false;
    }

    /// <summary>Runs and compares one of the runs of a session, whose state carries over.</summary>
    public void RunInSequence(string id, IGraphSession session, CaseRun run, GoldenAnswer answer, IReadOnlyList<string>? outputNames = null)
    {
        ServingStatus status = RunCase(id, session, run, answer, outputNames);
        _hasRefusedRun |= !status.IsOk && _backend.IsUnsupported(status);
    }

    /// <summary>Runs and compares one case.</summary>
    /// <param name="outputNames">What each fetch is called in the answer; <see langword="null"/>: by position.</param>
    public ServingStatus RunCase(string id, IGraphSession session, CaseRun run, GoldenAnswer answer, IReadOnlyList<string>? outputNames = null)
    {
        Tensor?[] outputs = [];
        ServingStatus status = Guard(() => run.Execute(session, _options.Timeout, out outputs));
        CheckAnswer(id, status, outputs, answer, outputNames);
        foreach (Tensor? output in outputs)
        {
            output?.Release();
        }

        return status;
    }

    /// <summary>Compares an answer that is there already.</summary>
    public void CheckAnswer(string id, ServingStatus status, Tensor?[] outputs, GoldenAnswer answer, IReadOnlyList<string>? outputNames = null)
    {
        string? difference = Compare(status, outputs, answer, outputNames);
        if (difference is not null && answer.Or is { } other && Compare(status, outputs, other, outputNames) is null)
        {
            difference = null;
        }

        if (difference is not null && (status.IsOk ? answer.OrAnyOutputs : answer.OrAnyError && status.Code != StatusCode.Internal))
        {
            difference = null;
        }

        bool isRefused = !status.IsOk && _backend.IsUnsupported(status);
        if (difference is not null && !isRefused && _hasRefusedRun)
        {
            Report(id, VerifyOutcome.Refused, $"behind a refused run: {difference}");
            return;
        }

        Report(id, difference is null ? VerifyOutcome.Passed : isRefused ? VerifyOutcome.Refused : VerifyOutcome.Failed, difference ?? "");
    }

    private string? Compare(ServingStatus status, Tensor?[] outputs, GoldenAnswer answer, IReadOnlyList<string>? outputNames)
    {
        if (status.Message?.StartsWith(ThrownMark, StringComparison.Ordinal) == true)
        {
            return status.Message;
        }

        if (answer.Error is { } error)
        {
            return status.IsOk ? $"answers, expected {error.Code.ToName()}: {error.Messages[0]}" : _texts.Compare(error, status);
        }

        if (!status.IsOk)
        {
            return status.ToString();
        }

        for (int i = 0; i < (answer.Outputs?.Count ?? 0); i++)
        {
            (string name, GoldenTensor expected) = answer.Outputs![i];
            int index = outputNames is null ? i : IndexOf(outputNames, name);
            if (index < 0 || index >= outputs.Length || outputs[index] is not { } actual)
            {
                return $"output {name} is missing";
            }

            if (TensorComparer.Compare(expected, actual, answer.RelativeTolerance, answer.AbsoluteTolerance, answer.Check) is { } difference)
            {
                return $"output {name}: {difference}";
            }
        }

        return null;
    }

    private static int IndexOf(IReadOnlyList<string> names, string name)
    {
        for (int i = 0; i < names.Count; i++)
        {
            if (names[i] == name)
            {
                return i;
            }
        }

        return -1;
    }
}
