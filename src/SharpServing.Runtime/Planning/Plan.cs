using SharpServing.Runtime.Execution;
using SharpServing.Tensors;

namespace SharpServing.Runtime.Planning;

/// <summary>
/// A graph made ready to run: steps in order over numbered slots. Immutable but for its cache of frames; any number of threads run it.
/// Slots: arguments first, then constants, then outputs of steps.
/// </summary>
internal sealed class Plan
{
    private const int CachedFrames = 16;

    private readonly Frame?[] _frames = new Frame?[CachedFrames];

    public required PlanStep[] Steps { get; init; }

    public required int SlotCount { get; init; }

    public required int ArgumentCount { get; init; }

    /// <summary>Values that lie in every frame for good. The plan owns one reference to each.</summary>
    public required (int Slot, Tensor Value)[] Constants { get; init; }

    public required int[] ResultSlots { get; init; }

    /// <summary>True when a step may be dead (the plan has a Switch).</summary>
    public required bool HasDeadSteps { get; init; }

    public Frame RentFrame()
    {
        for (int i = 0; i < _frames.Length; i++)
        {
            if (_frames[i] is not null && Interlocked.Exchange(ref _frames[i], null) is { } frame)
            {
                return frame;
            }
        }

        return new Frame(this);
    }

    public void ReturnFrame(Frame frame)
    {
        for (int i = 0; i < _frames.Length; i++)
        {
            if (_frames[i] is null && Interlocked.CompareExchange(ref _frames[i], frame, null) is null)
            {
                return;
            }
        }
    }

    /// <summary>Gives the constants back; no run may be under way.</summary>
    public void Release()
    {
        foreach ((_, Tensor value) in Constants)
        {
            value.Release();
        }

        foreach (PlanStep step in Steps)
        {
            (step.Kernel as IDisposable)?.Dispose();
        }
    }
}
