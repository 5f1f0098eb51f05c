namespace SharpServing.Server.Services;

/// <summary>Refusals of a ModelSpec.</summary>
internal static class ModelSpecFaults
{
    public static readonly ServingStatus Missing = ServingStatus.InvalidArgument("Missing ModelSpec");

    public static readonly ServingStatus NoName = ServingStatus.InvalidArgument("ModelSpec has no name specified.");

    public static readonly ServingStatus WrongServable = ServingStatus.InvalidArgument("The servable is not a SavedModel");
}
