namespace SharpServing.Kernels;

/// <summary>Work of one tile. Unmanaged, so that a parallel loop allocates nothing: pointers and numbers only.</summary>
public interface IParallelBody
{
    /// <summary>Computes tile <paramref name="tile"/>; any thread, any order, tiles at the same time.</summary>
    void Run(int tile);
}
