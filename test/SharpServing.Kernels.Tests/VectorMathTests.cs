namespace SharpServing.Kernels.Tests;

public sealed class VectorMathTests
{
    /// <summary>Name, kernel, reference, range, allowed error in units in the last place.</summary>
    private static readonly (string Name, SpanFunction Run, Func<double, double> Exact, float Low, float High, double Ulps)[] Functions =
    [
        ("exp", VectorMath.Exp, Math.Exp, -87, 88.7f, 2),
        ("expm1", VectorMath.Expm1, x => Math.Abs(x) < 1e-5 ? x + x * x / 2 : Math.Exp(x) - 1, -20, 88, 3),
        ("expm1 near 0", VectorMath.Expm1, x => Math.Abs(x) < 1e-4 ? x + x * x / 2 + x * x * x / 6 : Math.Exp(x) - 1, -1, 1, 3),
        ("log", VectorMath.Log, Math.Log, 1e-37f, 1e3f, 2),
        ("log near 1", VectorMath.Log, Math.Log, 0.5f, 2, 2),
        ("log1p", VectorMath.Log1p, ExactLog1p, -0.9f, 1, 3),
        ("log1p wide", VectorMath.Log1p, ExactLog1p, 0, 1e6f, 2),
        ("tanh", VectorMath.Tanh, Math.Tanh, -10, 10, 3),
        ("tanh near 0", VectorMath.Tanh, Math.Tanh, -0.1f, 0.1f, 3),
        ("sigmoid", VectorMath.Sigmoid, x => 1 / (1 + Math.Exp(-x)), -80, 80, 4),
        ("swish", VectorMath.Swish, x => x / (1 + Math.Exp(-x)), -80, 80, 4),
        ("softplus", VectorMath.Softplus, x => Math.Max(x, 0) + ExactLog1p(Math.Exp(-Math.Abs(x))), -80, 80, 4),
        ("erf", VectorMath.Erf, ExactErf, -5, 5, 3),
        ("erf near 0", VectorMath.Erf, ExactErf, -0.05f, 0.05f, 3),
        ("rsqrt", VectorMath.Rsqrt, x => 1 / Math.Sqrt(x), 1e-30f, 1e5f, 2),
        ("sin", VectorMath.Sin, Math.Sin, -100, 100, 3),
        ("sin far", VectorMath.Sin, Math.Sin, -20000, 20000, 3),
        ("cos", VectorMath.Cos, Math.Cos, -100, 100, 3),
        ("cos far", VectorMath.Cos, Math.Cos, -20000, 20000, 3),
        ("elu", VectorMath.Elu, x => x > 0 ? x : Math.Exp(x) - 1, -20, 20, 3),
        ("selu", VectorMath.Selu, x => 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * (Math.Exp(x) - 1)), -20, 20, 5),
        ("gelu tanh", VectorMath.GeluTanh, x => 0.5 * x * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x))), -3, 6, 16),
    ];

    private delegate void SpanFunction(ReadOnlySpan<float> src, Span<float> dst);

    [Fact]
    public void AllFunctions_OverTheirRange_AreWithinAFewUlps() => SimdLevels.Each(() =>
    {
        int count = 20001;
        float[] x = new float[count];
        float[] y = new float[count];
        foreach (var (name, run, exact, low, high, ulps) in Functions)
        {
            for (int i = 0; i < count; i++)
            {
                x[i] = low + (high - low) * i / (count - 1);
            }

            run(x, y);
            double worst = 0;
            float at = 0;
            for (int i = 0; i < count; i++)
            {
                double expected = exact(x[i]);
                double ulp = Math.Max(Math.Abs(expected), 1.2e-38) * Math.Pow(2, -23);
                double error = Math.Abs(y[i] - expected) / ulp;
                if (!(error <= worst))
                {
                    worst = error;
                    at = x[i];
                }
            }

            worst.ShouldBeLessThanOrEqualTo(ulps, $"{name} at {at}");
        }
    });

    [Fact]
    public void GeluErf_AllRanges_IsWithinTheTolerance() => SimdLevels.Each(() =>
    {
        float[] x = Enumerable.Range(0, 10001).Select(i => -8 + i * 16f / 10000).ToArray();
        float[] y = new float[x.Length];
        VectorMath.GeluErf(x, y);
        for (int i = 0; i < x.Length; i++)
        {
            double expected = 0.5 * x[i] * (1 + ExactErf(x[i] * Math.Sqrt(0.5)));
            Math.Abs(y[i] - expected).ShouldBeLessThanOrEqualTo(3e-7 * (1 + Math.Abs(expected)));
        }
    });

    [Fact]
    public void SpecialValues_AreAsTheFunctionsDefineThem() => SimdLevels.Each(() =>
    {
        float inf = float.PositiveInfinity;
        float nan = float.NaN;
        Check(VectorMath.Exp, (inf, inf), (-inf, 0), (nan, nan), (0, 1), (89, inf), (-200, 0), (1000, inf));
        Check(VectorMath.Expm1, (inf, inf), (-inf, -1), (nan, nan), (0, 0), (1e-20f, 1e-20f));
        Check(VectorMath.Log, (inf, inf), (0, -inf), (-0f, -inf), (-1, nan), (-inf, nan), (nan, nan), (1, 0));
        Check(VectorMath.Log1p, (inf, inf), (-1, -inf), (-2, nan), (nan, nan), (0, 0), (1e-20f, 1e-20f));
        Check(VectorMath.Tanh, (inf, 1), (-inf, -1), (nan, nan), (0, 0), (20, 1), (-20, -1), (1e-20f, 1e-20f));
        Check(VectorMath.Sigmoid, (inf, 1), (-inf, 0), (nan, nan), (0, 0.5f), (-100, 0));
        Check(VectorMath.Softplus, (inf, inf), (-inf, 0), (nan, nan));
        Check(VectorMath.Erf, (inf, 1), (-inf, -1), (nan, nan), (0, 0), (5, 1), (-5, -1));
        Check(VectorMath.Sin, (inf, nan), (nan, nan), (0, 0), (1e30f, MathF.Sin(1e30f)));
        Check(VectorMath.Cos, (-inf, nan), (nan, nan), (0, 1), (1e30f, MathF.Cos(1e30f)));
        Check(VectorMath.Rsqrt, (inf, 0), (0, inf), (-1, nan), (nan, nan));
        Check(VectorMath.Elu, (inf, inf), (-inf, -1), (nan, nan));
        Check(VectorMath.GeluTanh, (inf, inf), (nan, nan), (0, 0));

        float[] negativeZero = [-0f];
        VectorMath.Tanh(negativeZero, negativeZero);
        float.IsNegative(negativeZero[0]).ShouldBeTrue();
    });

    private static void Check(SpanFunction run, params (float X, float Y)[] cases)
    {
        // Long enough for every vector width, each case in every position of a vector.
        foreach ((float x, float expected) in cases)
        {
            float[] src = new float[17];
            Array.Fill(src, x);
            float[] dst = new float[17];
            run(src, dst);
            foreach (float y in dst)
            {
                if (y != expected && !(float.IsNaN(y) && float.IsNaN(expected)))
                {
                    y.ShouldBe(expected, $"{run.Method.Name}({x})");
                }
            }
        }
    }

    private static double ExactLog1p(double x) =>
        Math.Abs(x) < 1e-4 ? x - x * x / 2 + x * x * x / 3 : Math.Log(1 + x);

    /// <summary>Maclaurin series below 3, continued fraction of erfc above.</summary>
    private static double ExactErf(double x)
    {
        double t = Math.Abs(x);
        if (t < 3)
        {
            double term = x;
            double sum = x;
            for (int n = 1; n < 100; n++)
            {
                term *= -x * x / n;
                sum += term / (2 * n + 1);
            }

            return sum * 2 / Math.Sqrt(Math.PI);
        }

        double fraction = t;
        for (int n = 60; n >= 1; n--)
        {
            fraction = t + n / 2.0 / fraction;
        }

        return Math.Sign(x) * (1 - Math.Exp(-t * t) / (fraction * Math.Sqrt(Math.PI)));
    }
}
