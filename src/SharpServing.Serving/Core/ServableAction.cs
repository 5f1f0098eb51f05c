namespace SharpServing.Serving;

/// <summary>One step that the manager may take.</summary>
public readonly record struct ServableAction(ServableActionKind Kind, ServableId Id);

/// <summary>Unloads come before loads.</summary>
public enum ServableActionKind
{
    Unload,
    Load,
}
