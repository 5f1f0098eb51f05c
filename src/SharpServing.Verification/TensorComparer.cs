using System.Globalization;
using SharpServing.Tensors;

namespace SharpServing.Verification;

/// <summary>
/// Compares a tensor with what golden data expects: |actual - expected| ≤ atol + rtol |expected|, per component of a complex number;
/// NaN equals NaN, infinities equal themselves. With both tolerances 0, bit for bit (but any NaN equals any).
/// </summary>
internal static class TensorComparer
{
    /// <summary>Of the sum of absolute values, for the sum of a large output.</summary>
    private const double SumTolerance = 1e-4;

    /// <returns>The first difference; <see langword="null"/> when there is none.</returns>
    public static string? Compare(GoldenTensor expected, Tensor actual, double rtol, double atol, GoldenCheck check)
    {
        if (actual.DType != expected.Type)
        {
            return $"type {actual.DType.ToName()}, expected {expected.Type.ToName()}";
        }

        if (expected.Shape is { } shape && actual.Shape != shape)
        {
            return $"shape {actual.Shape}, expected {shape}";
        }

        if (check == GoldenCheck.Shape)
        {
            return null;
        }

        if (expected.Summary is { } summary)
        {
            return CompareSummary(summary, actual, rtol, atol);
        }

        if (expected.Values is not { } values)
        {
            return null;
        }

        bool unordered = check == GoldenCheck.Unordered;
        return actual.DType == DType.String ? CompareStrings(values, actual, unordered)
            : rtol == 0 && atol == 0 && !unordered ? CompareBits(values, actual)
            : ComparePlain(values, actual, rtol, atol, unordered);
    }

    private static string? CompareStrings(Tensor expected, Tensor actual, bool unordered)
    {
        string[] wanted = TextsOf(expected);
        string[] got = TextsOf(actual);
        if (unordered)
        {
            Array.Sort(wanted, StringComparer.Ordinal);
            Array.Sort(got, StringComparer.Ordinal);
        }

        for (int i = 0; i < wanted.Length; i++)
        {
            if (wanted[i] != got[i])
            {
                return $"[{i}] is \"{Shorten(got[i])}\", expected \"{Shorten(wanted[i])}\"";
            }
        }

        return null;
    }

    private static string? CompareBits(Tensor expected, Tensor actual)
    {
        ReadOnlySpan<byte> wanted = expected.Bytes;
        ReadOnlySpan<byte> got = actual.Bytes;
        if (wanted.SequenceEqual(got))
        {
            return null;
        }

        int size = PlainValues.ComponentSize(actual.DType);
        int different = 0;
        string? first = null;
        for (int i = 0; i < wanted.Length / size; i++)
        {
            if (!wanted.Slice(i * size, size).SequenceEqual(got.Slice(i * size, size))
                && !(PlainValues.IsNaN(actual.DType, wanted, i) && PlainValues.IsNaN(actual.DType, got, i)))
            {
                different++;
                first ??= Describe(actual.DType, i, PlainValues.At(actual.DType, got, i), PlainValues.At(actual.DType, wanted, i));
            }
        }

        return first is null ? null : Count(first, different, wanted.Length / size);
    }

    private static string? ComparePlain(Tensor expected, Tensor actual, double rtol, double atol, bool unordered)
    {
        double[] wanted = PlainValues.All(expected.DType, expected.Bytes);
        double[] got = PlainValues.All(actual.DType, actual.Bytes);
        if (unordered)
        {
            Array.Sort(wanted);
            Array.Sort(got);
        }

        return CompareValues(actual.DType, wanted, got, rtol, atol);
    }

    private static string? CompareSummary(GoldenSummary summary, Tensor actual, double rtol, double atol)
    {
        DType type = actual.DType;
        double[] got = PlainValues.All(type, actual.Bytes);
        double[] first = PlainValues.All(type, summary.First);
        string? difference = CompareValues(type, first, got[..first.Length], rtol, atol);
        if (difference is not null)
        {
            return difference;
        }

        double[] samples = PlainValues.All(type, summary.Samples);
        var sampled = new double[samples.Length];
        for (int i = 0; i < samples.Length; i++)
        {
            sampled[i] = got[i * summary.Every];
        }

        difference = CompareValues(type, samples, sampled, rtol, atol);
        if (difference is not null)
        {
            return $"sample {difference}";
        }

        double sum = 0;
        double absolute = 0;
        foreach (double value in got)
        {
            sum += value;
            absolute += Math.Abs(value);
        }

        double allowed = SumTolerance * summary.AbsoluteSum;
        return Math.Abs(sum - summary.Sum) <= allowed && Math.Abs(absolute - summary.AbsoluteSum) <= allowed
            ? null
            : string.Create(CultureInfo.InvariantCulture, $"sums {sum}, {absolute}, expected {summary.Sum}, {summary.AbsoluteSum}");
    }

    private static string? CompareValues(DType type, double[] wanted, double[] got, double rtol, double atol)
    {
        int different = 0;
        string? first = null;
        double worst = 0;
        for (int i = 0; i < wanted.Length; i++)
        {
            double distance = Math.Abs(got[i] - wanted[i]);
            if (got[i].Equals(wanted[i]) || (double.IsFinite(wanted[i]) && distance <= atol + (rtol * Math.Abs(wanted[i]))))
            {
                continue;
            }

            different++;
            worst = Math.Max(worst, distance / Math.Max(Math.Abs(wanted[i]), double.Epsilon));
            first ??= Describe(type, i, got[i], wanted[i]);
        }

        return first is null
            ? null
            : string.Create(CultureInfo.InvariantCulture, $"{Count(first, different, wanted.Length)}, worst relative {worst:G3} (rtol {rtol:G3}, atol {atol:G3})");
    }

    private static string Describe(DType type, int index, double got, double wanted) => type.IsComplex()
        ? string.Create(CultureInfo.InvariantCulture, $"[{index / 2}].{(index % 2 == 0 ? "re" : "im")} is {got:R}, expected {wanted:R}")
        : string.Create(CultureInfo.InvariantCulture, $"[{index}] is {got:R}, expected {wanted:R}");

    private static string Count(string first, int different, int total) =>
        string.Create(CultureInfo.InvariantCulture, $"{first}; {different} of {total} differ");

    private static string[] TextsOf(Tensor tensor)
    {
        var texts = new string[tensor.ElementCount];
        for (int i = 0; i < texts.Length; i++)
        {
            texts[i] = StatusText.FromBytes(tensor.String(i));
        }

        return texts;
    }

    private static string Shorten(string text) => text.Length <= 100 ? text : text[..100] + "…";
}
