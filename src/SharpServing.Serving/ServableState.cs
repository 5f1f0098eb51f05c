namespace SharpServing.Serving;

/// <summary>State of one version and, in <see cref="ManagerState.End"/>, the error that ended it (OK for a plain unload).</summary>
public readonly record struct ServableState(ServableId Id, ManagerState State, ServingStatus Status);
