namespace SharpServing.Kernels.Tests;

/// <summary>Runs a check once per instruction set that the machine has.</summary>
internal static class SimdLevels
{
    public static void Each(Action check)
    {
        SimdLevel before = Simd.Level;
        try
        {
            for (SimdLevel level = SimdLevel.Scalar; level <= Simd.Best; level++)
            {
                Simd.Level = level;
                try
                {
                    check();
                }
                catch (ShouldAssertException e)
                {
                    throw new ShouldAssertException($"With {level}: {e.Message}", e);
                }
            }
        }
        finally
        {
            Simd.Level = before;
        }
    }
}
