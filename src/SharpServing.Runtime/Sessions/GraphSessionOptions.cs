using Tensorflow;

namespace SharpServing.Runtime.Sessions;

/// <summary>Settings of a <see cref="GraphSession"/>.</summary>
public sealed record GraphSessionOptions
{
    /// <summary>Passes to switch off: comma-separated names with a leading <c>-</c>. Default: none.</summary>
    public string GraphPasses { get; init; } = "";

    /// <summary>Nodes that ask for another device than the CPU run on it all the same. Default: refused, as the original does.</summary>
    public bool AllowSoftPlacement { get; init; }

    /// <summary>
    /// Called with each graph after the passes, before it is planned: the main graph, then those of functions. For tools that look into a model;
    /// its constants are given back when the callable is made. Default: none.
    /// </summary>
    public Action<Graphs.Graph>? GraphReady { get; init; }

    /// <summary>
    /// Signatures of a SavedModel that may be asked for together, in one run (MultiInference): where there are two or more, they are compiled once
    /// more as one, on the same constants. Default: none.
    /// </summary>
    public Func<SignatureDef, bool> RunsWithOthers { get; init; } = static _ => false;

    /// <summary>Devices and kernels of all nodes are looked at when anything is first run, not before: what loading a SavedModel does.</summary>
    internal bool PlaceWhenCompiled { get; init; }

    /// <summary>Compiled callables kept beside those of the signatures; the oldest goes first. Default: 64.</summary>
    public int MaxCachedCallables { get; init; } = 64;
}
