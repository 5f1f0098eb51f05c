using Tensorflow;

namespace SharpServing.SavedModel;

/// <summary>
/// One MetaGraph of a SavedModel, and what has to be run before it can serve: first <see cref="RestoreOp"/>, then
/// <see cref="InitOp"/>, both with <see cref="Assets"/> fed.
/// </summary>
public sealed class SavedModelGraph
{
    /// <summary>The version's folder, as it was asked for.</summary>
    public required string Directory { get; init; }

    public required MetaGraphDef MetaGraph { get; init; }

    /// <summary>Op that loads the variables; <see langword="null"/> when there is nothing to restore (no saver, or no <c>variables.index</c>).</summary>
    public string? RestoreOp { get; init; }

    /// <summary>Tensor that <see cref="VariablesPrefix"/> is fed to while <see cref="RestoreOp"/> runs.</summary>
    public string? FilenameTensor { get; init; }

    /// <summary><c>DIRECTORY/variables/variables</c>; <see langword="null"/> when there is nothing to restore.</summary>
    public string? VariablesPrefix { get; init; }

    /// <summary>Where the index of the variables was looked for, for the log line that says there are none.</summary>
    public required string VariablesIndex { get; init; }

    /// <summary>Op or tensor to run once after the restore; <see langword="null"/> when there is none.</summary>
    public string? InitOp { get; init; }

    public required IReadOnlyList<SavedModelAsset> Assets { get; init; }
}
