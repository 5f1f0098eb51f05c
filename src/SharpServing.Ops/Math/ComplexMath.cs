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

        // e^x cos y - 1 = (e^x - 1) - 2 e^x sin²(y / 2).
        double half = System.Math.Sin(z.Imaginary / 2);
        double scale = System.Math.Exp(z.Real);
        return new Complex(Expm1(z.Real) - (2 * scale * half * half), scale * System.Math.Sin(z.Imaginary));
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

    public static Complex Sqrt(Complex z) =>
        z == Complex.Zero ? new Complex(0, z.Imaginary) :
        double.IsInfinity(z.Imaginary) ? new Complex(double.PositiveInfinity, z.Imaginary)
        : double.IsPositiveInfinity(z.Real) ? new Complex(z.Real, double.IsNaN(z.Imaginary) ? z.Imaginary : System.Math.CopySign(0, z.Imaginary))
        : double.IsNegativeInfinity(z.Real) ? new Complex(double.IsNaN(z.Imaginary) ? z.Imaginary : 0, System.Math.CopySign(double.PositiveInfinity, z.Imaginary))
        : Complex.Sqrt(z);

    /// <summary>1 / z; of zero it is an infinity.</summary>
    public static Complex Reciprocal(Complex z) =>
        z == Complex.Zero ? new Complex(System.Math.CopySign(double.PositiveInfinity, z.Real), double.NaN)
        : double.IsInfinity(z.Real) || double.IsInfinity(z.Imaginary) ? Complex.Zero
        : Complex.One / z;

    public static Complex Sinh(Complex z)
    {
        double x = z.Real;
        double y = z.Imaginary;
        if (y == 0)
        {
            return new Complex(System.Math.Sinh(x), y);
        }

        // Not finite: nothing is known of the angle.
        (double sine, double cosine) = double.IsFinite(y) ? System.Math.SinCos(y) : (double.NaN, double.NaN);
        double real = x == 0 || (double.IsInfinity(x) && double.IsNaN(cosine)) ? x : System.Math.Sinh(x) * cosine;
        return new Complex(real, System.Math.Cosh(x) * sine);
    }

    public static Complex Cosh(Complex z)
    {
        double x = z.Real;
        double y = z.Imaginary;
        if (y == 0)
        {
            return new Complex(System.Math.Cosh(x), x == 0 || double.IsNaN(x) ? 0 : System.Math.CopySign(0, x) * y);
        }

        (double sine, double cosine) = double.IsFinite(y) ? System.Math.SinCos(y) : (double.NaN, double.NaN);
        double real = double.IsInfinity(x) && double.IsNaN(cosine) ? double.PositiveInfinity : System.Math.Cosh(x) * cosine;
        return new Complex(real, x == 0 ? x * (double.IsNaN(sine) ? 0 : sine) : System.Math.Sinh(x) * sine);
    }

    public static Complex Tanh(Complex z)
    {
        double x = z.Real;
        double y = z.Imaginary;
        if (double.IsInfinity(x))
        {
            double sign = double.IsFinite(y) ? System.Math.Sin(2 * y) : 1;
            return new Complex(System.Math.CopySign(1, x), System.Math.CopySign(0, sign));
        }

        if (y == 0)
        {
            return new Complex(System.Math.Tanh(x), y);
        }

        if (!double.IsFinite(y) || double.IsNaN(x))
        {
            return new Complex(x == 0 ? x : double.NaN, double.NaN);
        }

        if (System.Math.Abs(x) > 22)
        {
            (double sine, double cosine) = System.Math.SinCos(y);
            return new Complex(System.Math.CopySign(1, x), 4 * sine * cosine * System.Math.Exp(-2 * System.Math.Abs(x)));
        }

        double tangent = System.Math.Tan(y);
        double secant = 1 + (tangent * tangent);
        double sinh = System.Math.Sinh(x);
        double divisor = 1 + (secant * sinh * sinh);
        return new Complex(secant * System.Math.Sqrt(1 + (sinh * sinh)) * sinh / divisor, tangent / divisor);
    }

    /// <summary>-i sinh(iz).</summary>
    public static Complex Sin(Complex z) => TimesMinusI(Sinh(TimesI(z)));

    /// <summary>cosh(iz).</summary>
    public static Complex Cos(Complex z) => Cosh(TimesI(z));

    /// <summary>-i tanh(iz).</summary>
    public static Complex Tan(Complex z) => TimesMinusI(Tanh(TimesI(z)));

    /// <summary>The sign of a zero part says on which side of the cut the argument lies.</summary>
    public static Complex Asin(Complex z) => WithSigns(Complex.Asin(z), z.Real, z.Imaginary);

    public static Complex Acos(Complex z)
    {
        Complex angle = Complex.Acos(z);
        return new Complex(angle.Real, System.Math.CopySign(angle.Imaginary, -z.Imaginary));
    }

    public static Complex Atan(Complex z) =>
        z.Real == 0 && System.Math.Abs(z.Imaginary) == 1
            ? new Complex(z.Real, System.Math.CopySign(double.PositiveInfinity, z.Imaginary))
            : WithSigns(Complex.Atan(z), z.Real, z.Imaginary);

    private static Complex TimesI(Complex z) => new(-z.Imaginary, z.Real);

    private static Complex TimesMinusI(Complex z) => new(z.Imaginary, -z.Real);

    private static Complex WithSigns(Complex z, double real, double imaginary) =>
        new(System.Math.CopySign(z.Real, real), System.Math.CopySign(z.Imaginary, imaginary));
}
