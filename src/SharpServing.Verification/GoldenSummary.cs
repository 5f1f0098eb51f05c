namespace SharpServing.Verification;

/// <summary>What is known of an output too large to write down.</summary>
/// <param name="First">Little-endian values from the beginning on.</param>
/// <param name="Every">Distance of <paramref name="Samples"/>.</param>
/// <param name="Samples">Little-endian values 0, every, 2 every, …</param>
/// <param name="Sum">Of all values, in float64.</param>
/// <param name="AbsoluteSum">Of their absolute values; <paramref name="Sum"/> is compared with 1e-4 of it.</param>
internal sealed record GoldenSummary(byte[] First, int Every, byte[] Samples, double Sum, double AbsoluteSum);
