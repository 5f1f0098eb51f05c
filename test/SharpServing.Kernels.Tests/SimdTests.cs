namespace SharpServing.Kernels.Tests;

public sealed class SimdTests
{
    [Theory]
    [InlineData("scalar", SimdLevel.Scalar)]
    [InlineData("sse", SimdLevel.Sse)]
    [InlineData("avx2", SimdLevel.Avx2)]
    [InlineData("avx512", SimdLevel.Avx512)]
    [InlineData(null, SimdLevel.Avx512)]
    [InlineData("unknown", SimdLevel.Avx512)]
    public void Choose_Name_IsTheLevelButNeverAboveTheMachine(string? name, SimdLevel expected)
    {
        Simd.Choose(name).ShouldBe(expected < Simd.Best ? expected : Simd.Best);
    }
}
