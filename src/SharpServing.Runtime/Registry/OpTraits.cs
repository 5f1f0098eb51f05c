namespace SharpServing.Runtime.Registry;

/// <summary>What passes and the planner must know of an op beside its definition.</summary>
[Flags]
public enum OpTraits
{
    None = 0,

    /// <summary>Output 0 is input 0 (Identity and its kin): passes may leave the node out.</summary>
    Identity = 1,

    /// <summary>Stateful in TensorFlow's definition, but running it has no effect anyone can see (handles, reads): may be dropped when unused.</summary>
    NoEffect = 2,

    /// <summary>Gives the same handle in every run of a session: evaluated once when the plan is built.</summary>
    ConstantHandle = 4,

    /// <summary>Writes the resource of its input 0.</summary>
    WritesResource = 8,

    /// <summary>Never evaluated when the plan is built, although stateless (result depends on the run).</summary>
    NoFold = 16,

    /// <summary>Input 0 (and others, see the kernel) may be dead: Merge, ControlTrigger.</summary>
    RunsWhenDead = 32,

    /// <summary>
    /// Runs when something waits for it, though nobody reads its values: a loop takes its time, a branch may hold one. (TensorFlow leaves out
    /// other nodes without an effect there.)
    /// </summary>
    RunsWhenAwaited = 64,
}
