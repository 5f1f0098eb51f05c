using System.Numerics;

namespace SharpServing.Ops.Math;

/// <summary>Functions that .NET lacks, or whose infinities and zeros differ from C's (annex G) or whose small arguments lose digits.</summary>
internal static class ComplexMath
{
    /// <summary>e^z.</summary>
    public static Complex Exp(Complex z)
    {
        if (z.Imaginary == 0)
        {
            return new Complex(System.Math.Exp(z.Real), z.Imaginary);
        }

        if (!double.IsFinite(z.Imaginary))
        {
            return double.IsNegativeInfinity(z.Real) ? Complex.Zero
                : double.IsPositiveInfinity(z.Real) ? new Complex(double.PositiveInfinity, double.NaN)
                : new Complex(double.NaN, double.NaN);
        }

        double scale = System.Math.Exp(z.Real);
        (double sine, double cosine) = System.Math.SinCos(z.Imaginary);
        return new Complex(scale * cosine, scale * sine);
    }

    /// <summary>e^x - 1 without loss for small x.</summary>
    public static double Expm1(double x)
    {
        double e = System.Math.Exp(x);
        if (e == 1)
        {
            return x;
        }

        double less = e - 1;
        return less == -1 || double.IsInfinity(e) ? less : less * x / System.Math.Log(e);
    }

    /// <summary>e^z - 1.</summary>
    public static Complex Expm1(Complex z)
    {
        if (z.Imaginary == 0)
        {
            return new Complex(Expm1(z.Real), z.Imaginary);
        }

        // e^x cos y - 1 = (e^x - 1) cos y - 2 sin²(y / 2).
        double half = System.Math.Sin(z.Imaginary / 2);
        (double sine, double cosine) = System.Math.SinCos(z.Imaginary);
        return new Complex((Expm1(z.Real) * cosine) - (2 * half * half), System.Math.Exp(z.Real) * sine);
    }

    /// <summary>log(1 + x) without loss for small x.</summary>
    public static double Log1p(double x)
    {
        if (x > 1e10)
        {
            return System.Math.Log(x);
        }

        double sum = 1 + x;
        return sum == 1 || double.IsPositiveInfinity(x) ? x : System.Math.Log(sum) * x / (sum - 1);
    }

    /// <summary>log(1 + z).</summary>
    public static Complex Log1p(Complex z)
    {
        // |1 + z|² - 1 = 2 x + x² + y².
        double square = (z.Real * (2 + z.Real)) + (z.Imaginary * z.Imaginary);
        double real = System.Math.Abs(square) < 0.5 ? 0.5 * Log1p(square) : Complex.Log(z + Complex.One).Real;
        return new Complex(real, System.Math.Atan2(z.Imaginary, 1 + z.Real));
    }
}
