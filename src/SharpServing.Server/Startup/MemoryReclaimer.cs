using SharpServing.Tensors;

namespace SharpServing.Server.Startup;

/// <summary>Gives what a load used or an unload freed back to the system at once, not some day.</summary>
internal static class MemoryReclaimer
{
    public static void Reclaim()
    {
#pragma warning disable RS0030 // The one place where it is wanted. Tensors are native; what is collected here is small.
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
#pragma warning restore RS0030
        TrimPools();
    }

    /// <summary>Kept tensor memory: folding constants at a load takes as much as the weights.</summary>
    public static void TrimPools() => TensorAllocator.Shared.Trim();
}
