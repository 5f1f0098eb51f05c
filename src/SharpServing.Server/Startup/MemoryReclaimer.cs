namespace SharpServing.Server.Startup;

/// <summary>Gives what an unload freed back to the system at once, not some day.</summary>
internal static class MemoryReclaimer
{
    public static void Reclaim()
    {
#pragma warning disable RS0030 // The one place where it is wanted: after an unload. Tensors are native; what is collected here is small.
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
#pragma warning restore RS0030
    }
}
