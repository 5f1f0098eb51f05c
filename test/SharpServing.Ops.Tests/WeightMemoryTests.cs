using SharpServing.Runtime.Sessions;
using SharpServing.Tensors;

namespace SharpServing.Ops.Tests;

/// <summary>Native memory of loaded models. One class, so that nothing else allocates meanwhile.</summary>
public sealed class WeightMemoryTests
{
    [Theory]
    [InlineData("linear", 1.3)]
    [InlineData("points", 1.3)]
    [InlineData("digits", 1.3)]
    [InlineData("shapes", 2.1)] // Two signatures: weights that a graph reshapes before use are packed for each.
    public void Load_ThenDispose_HoldsWeightsOnceAndGivesAllBack(string model, double factor)
    {
        string directory = Path.Combine(AppContext.BaseDirectory, "models", model, "1");
        long weights = Directory.EnumerateFiles(Path.Combine(directory, "variables"), "*.data-*").Sum(file => new FileInfo(file).Length);
        TensorAllocator allocator = TensorAllocator.Shared;
        long before = allocator.BytesInUse;

        using (SavedModelBundle.Load(directory, ["serve"], OpCatalog.Registry, new GraphSessionOptions()))
        {
            // Small constants come in blocks of at least 128 bytes; panels of packed weights are padded.
            (allocator.BytesInUse - before).ShouldBeInRange(weights / 2, (long)(weights * factor) + (80 * 1024));
        }

        allocator.BytesInUse.ShouldBe(before);
        allocator.Leaks.ShouldBe(0);
    }
}
