using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace SharpServing.Kernels;

/// <summary>
/// The instruction set in use, chosen once. The environment variable <c>SHARPSERVING_ISA</c> (<c>avx512</c>, <c>avx2</c>, <c>sse</c>,
/// <c>scalar</c>) forces a lower one; anything else is ignored. Kernels look at <see cref="Level"/> at their entry, never inside a loop.
/// </summary>
public static class Simd
{
    /// <summary>Name of the environment variable that lowers the level.</summary>
    public const string EnvironmentVariable = "SHARPSERVING_ISA";

    private static SimdLevel _level = Choose(Environment.GetEnvironmentVariable(EnvironmentVariable));

    /// <summary>The best level of this machine.</summary>
    public static SimdLevel Best =>
        Avx512BW.VL.IsSupported && Avx512DQ.VL.IsSupported && Avx512CD.VL.IsSupported ? SimdLevel.Avx512 :
        Avx2.IsSupported && Fma.IsSupported ? SimdLevel.Avx2 :
        Vector128.IsHardwareAccelerated ? SimdLevel.Sse :
        SimdLevel.Scalar;

    /// <summary>The level in use. Only tests set it, one test at a time; a level above <see cref="Best"/> is lowered to it.</summary>
    public static SimdLevel Level
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _level;
        internal set => _level = value < Best ? value : Best;
    }

    internal static SimdLevel Choose(string? name)
    {
        SimdLevel wanted = name switch
        {
            "avx2" => SimdLevel.Avx2,
            "sse" => SimdLevel.Sse,
            "scalar" => SimdLevel.Scalar,
            _ => SimdLevel.Avx512,
        };
        return wanted < Best ? wanted : Best;
    }
}
