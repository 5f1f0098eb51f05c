using SharpServing.Runtime.Graphs;
using SharpServing.Runtime.Registry;
using SharpServing.Tensors;

namespace SharpServing.Runtime.Planning;

/// <summary>One node of a plan: its kernel and where its values lie.</summary>
internal sealed class PlanStep
{
    public required string Name { get; init; }

    public required NodeOrigin? Origin { get; init; }

    public required string Op { get; init; }

    public required OpKernel Kernel { get; init; }

    /// <summary>Slot of each input; -1 for one that the kernel dropped.</summary>
    public required int[] Inputs { get; init; }

    /// <summary>Slot of output 0; the others follow.</summary>
    public required int OutputBase { get; init; }

    public required DType[] OutputTypes { get; init; }

    public required bool[] OutputNeeded { get; init; }

    /// <summary>Slots to give back after this step.</summary>
    public int[] Releases { get; set; } = [];

    /// <summary>Bit i: input i is not needed after this step and is no constant (inputs from 63 on: never).</summary>
    public ulong LastUses { get; set; }

    /// <summary>Steps that this one waits for; in a plan with Switch, if one is dead this one is too.</summary>
    public int[] ControlSteps { get; init; } = [];

    /// <summary>Runs whether or not its outputs are read.</summary>
    public bool HasEffect { get; init; }

    /// <summary>The node of the main graph that called the function which the step comes from; <see langword="null"/>: none.</summary>
    public string? Call { get; init; }

    public bool RunsWhenDead { get; init; }

    /// <summary>The same step in another plan over the same slots, without its releases.</summary>
    public PlanStep Copy(bool[] outputNeeded, int[] controlSteps) => new()
    {
        Name = Name,
        Origin = Origin,
        Op = Op,
        Kernel = Kernel,
        Inputs = Inputs,
        OutputBase = OutputBase,
        OutputTypes = OutputTypes,
        OutputNeeded = outputNeeded,
        ControlSteps = controlSteps,
        HasEffect = HasEffect,
        Call = Call,
        RunsWhenDead = RunsWhenDead,
    };

    public bool IsLastUse(int input) => input < 63 && (LastUses >> input & 1) != 0;
}
