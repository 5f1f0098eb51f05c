using System.Runtime.CompilerServices;

namespace SharpServing.Kernels;

/// <summary>
/// Elementary functions of float32 for every vector width, about 1 to 2 units in the last place. Polynomials: Cephes (S. Moshier) for
/// exp, log, sin and cos, N. Juffa's for erf.
/// </summary>
internal static class FloatMath
{
    private static readonly Func<float, float> SlowSin = MathF.Sin;
    private static readonly Func<float, float> SlowCos = MathF.Cos;

    /// <summary>e^x; overflows to infinity, underflows to 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TV Exp<TV>(TV x)
        where TV : struct, IFloatVector<TV>
    {
        x = TV.Min(TV.Create(89f), TV.Max(TV.Create(-104f), x));
        TV q = ExpParts(x, out TV n);
        return TV.Scale(q + TV.Create(1f), n);
    }

    /// <summary>e^x - 1, accurate near 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TV Expm1<TV>(TV x)
        where TV : struct, IFloatVector<TV>
    {
        TV zero = TV.Equal(x, TV.Create(0f));
        TV limited = TV.Min(TV.Create(89f), TV.Max(TV.Create(-30f), x));
        TV q = ExpParts(limited, out TV n);

        // Half of it: 2^128 is out of range.
        TV half = TV.Scale(TV.Create(0.5f), n);
        TV result = TV.MultiplyAdd(half, q, half - TV.Create(0.5f));
        return TV.Select(zero, x, result + result);
    }

    /// <summary>ln x; -infinity for 0 (and denormals), NaN below.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TV Log<TV>(TV x)
        where TV : struct, IFloatVector<TV>
    {
        TV y = LogNormal(x);
        TV infinity = TV.Create(float.PositiveInfinity);
        y = TV.Select(TV.Less(x, TV.CreateBits(0x00800000)), TV.Create(float.NegativeInfinity), y);
        y = TV.Select(TV.Less(x, TV.Create(0f)), TV.Create(float.NaN), y);

        // Infinity and NaN are their own logarithms.
        return TV.Select(TV.Less(x, infinity), y, x);
    }

    /// <summary>ln(1 + x), accurate near 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TV Log1p<TV>(TV x)
        where TV : struct, IFloatVector<TV>
    {
        TV one = TV.Create(1f);
        TV w = x + one;
        TV y = Log(w);

        // What the sum w lost, to first order.
        TV lost = x - (w - one);
        TV corrected = y + lost / w;
        TV finite = TV.Less(TV.Create(0f), w) & TV.Less(w, TV.Create(float.PositiveInfinity));
        return TV.Select(finite, TV.Select(TV.Equal(w, one), x, corrected), y);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TV Tanh<TV>(TV x)
        where TV : struct, IFloatVector<TV>
    {
        // (e^2x - 1) / (e^2x + 1) through e^2x - 1; from 9.1 on it is 1.
        TV limited = TV.Min(TV.Create(9.1f), TV.Max(TV.Create(-9.1f), x));
        TV q = ExpParts(limited + limited, out TV n);
        TV power = TV.Scale(TV.Create(1f), n);
        TV e = TV.MultiplyAdd(power, q, power - TV.Create(1f));
        return TV.Select(TV.Equal(x, TV.Create(0f)), x, e / (e + TV.Create(2f)));
    }

    /// <summary>1 / (1 + e^-x).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TV Sigmoid<TV>(TV x)
        where TV : struct, IFloatVector<TV>
    {
        TV one = TV.Create(1f);
        return one / (one + Exp(TV.Create(0f) - x));
    }

    /// <summary>x / (1 + e^-x); 0 for -infinity.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TV Swish<TV>(TV x)
        where TV : struct, IFloatVector<TV> => x / (TV.Create(1f) + Exp(TV.Create(0f) - x));

    /// <summary>ln(1 + e^x).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TV Softplus<TV>(TV x)
        where TV : struct, IFloatVector<TV>
    {
        TV zero = TV.Create(0f);
        TV magnitude = x & TV.CreateBits(0x7FFFFFFF);
        return TV.Max(zero, x) + Log1p(Exp(zero - magnitude));
    }

    /// <summary>x above 0, else alpha * (e^x - 1).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TV Elu<TV>(TV x, float alpha)
        where TV : struct, IFloatVector<TV> =>
        TV.Select(TV.Less(TV.Create(0f), x), x, TV.Create(alpha) * Expm1(x));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TV Erf<TV>(TV x)
        where TV : struct, IFloatVector<TV>
    {
        TV t = x & TV.CreateBits(0x7FFFFFFF);
        TV sign = x & TV.CreateBits(0x80000000);
        TV s = x * x;

        // Up to 0.92: x + x * P(x^2).
        TV near = TV.Create(-5.96761703e-4f);
        near = TV.MultiplyAdd(near, s, TV.Create(4.99119423e-3f));
        near = TV.MultiplyAdd(near, s, TV.Create(-2.67681349e-2f));
        near = TV.MultiplyAdd(near, s, TV.Create(1.12819925e-1f));
        near = TV.MultiplyAdd(near, s, TV.Create(-3.76125336e-1f));
        near = TV.MultiplyAdd(near, s, TV.Create(1.28379166e-1f));
        near = TV.MultiplyAdd(near, x, x);

        // Above: 1 - e^Q(|x|); from 4 on it is 1.
        t = TV.Min(TV.Create(4f), t);
        TV u = t * t;
        TV r = TV.MultiplyAdd(TV.Create(-1.72853470e-5f), t, TV.Create(3.83197126e-4f));
        TV v = TV.MultiplyAdd(TV.Create(-3.88396438e-3f), t, TV.Create(2.42546219e-2f));
        r = TV.MultiplyAdd(r, u, v);
        r = TV.MultiplyAdd(r, t, TV.Create(-1.06777877e-1f));
        r = TV.MultiplyAdd(r, t, TV.Create(-6.34846687e-1f));
        r = TV.MultiplyAdd(r, t, TV.Create(-1.28717512e-1f));
        r = TV.MultiplyAdd(r, t, TV.Create(0f) - t);
        TV q = ExpParts(r, out TV n);
        TV far = (TV.Create(1f) - TV.Scale(q + TV.Create(1f), n)) | sign;
        return TV.Select(TV.Less(TV.Create(0.921875f), t), far, near);
    }

    /// <summary>x / 2 * (1 + erf(x / sqrt 2)).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TV GeluErf<TV>(TV x)
        where TV : struct, IFloatVector<TV>
    {
        TV half = x * TV.Create(0.5f);
        return TV.MultiplyAdd(half, Erf(x * TV.Create(0.70710678118654752f)), half);
    }

    /// <summary>x / 2 * (1 + tanh(u)) = x / (1 + e^-2u), u = sqrt(2 / pi) * (x + 0.044715 x^3).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TV GeluTanh<TV>(TV x)
        where TV : struct, IFloatVector<TV>
    {
        TV inner = TV.MultiplyAdd(x * x, TV.Create(-2 * 0.79788456080286536f * 0.044715f), TV.Create(-2 * 0.79788456080286536f));
        return x / (TV.Create(1f) + Exp(x * inner));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TV Rsqrt<TV>(TV x)
        where TV : struct, IFloatVector<TV> => TV.Create(1f) / TV.Sqrt(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TV Sin<TV>(TV x)
        where TV : struct, IFloatVector<TV>
    {
        if (TV.AnySet(TV.Less(TV.Create(8192f), x & TV.CreateBits(0x7FFFFFFF))))
        {
            return TV.Each(x, SlowSin);
        }

        TV r = Quadrant(x, out TV n);
        TV result = SinOrCos(r, TV.IntegerBits(n, 31), TV.IntegerBits(n, 30) & TV.CreateBits(0x80000000));
        return TV.Select(TV.Equal(x, TV.Create(0f)), x, result);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TV Cos<TV>(TV x)
        where TV : struct, IFloatVector<TV>
    {
        if (TV.AnySet(TV.Less(TV.Create(8192f), x & TV.CreateBits(0x7FFFFFFF))))
        {
            return TV.Each(x, SlowCos);
        }

        TV r = Quadrant(x, out TV n);
        n += TV.Create(1f);
        return SinOrCos(r, TV.IntegerBits(n, 31), TV.IntegerBits(n, 30) & TV.CreateBits(0x80000000));
    }

    /// <summary>x = n * ln 2 + r, |r| at most ln 2 / 2; the result is e^r - 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TV ExpParts<TV>(TV x, out TV n)
        where TV : struct, IFloatVector<TV>
    {
        n = TV.Round(x * TV.Create(1.44269504088896341f));
        TV r = TV.MultiplyAdd(n, TV.Create(-0.693359375f), x);
        r = TV.MultiplyAdd(n, TV.Create(2.12194440e-4f), r);
        TV p = TV.Create(1.9875691500e-4f);
        p = TV.MultiplyAdd(p, r, TV.Create(1.3981999507e-3f));
        p = TV.MultiplyAdd(p, r, TV.Create(8.3334519073e-3f));
        p = TV.MultiplyAdd(p, r, TV.Create(4.1665795894e-2f));
        p = TV.MultiplyAdd(p, r, TV.Create(1.6666665459e-1f));
        p = TV.MultiplyAdd(p, r, TV.Create(5.0000001201e-1f));
        return TV.MultiplyAdd(p, r * r, r);
    }

    /// <summary>ln x for a positive normal x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TV LogNormal<TV>(TV x)
        where TV : struct, IFloatVector<TV>
    {
        TV m = TV.Split(x, out TV e) - TV.Create(1f);
        TV z = m * m;
        TV p = TV.Create(7.0376836292e-2f);
        p = TV.MultiplyAdd(p, m, TV.Create(-1.1514610310e-1f));
        p = TV.MultiplyAdd(p, m, TV.Create(1.1676998740e-1f));
        p = TV.MultiplyAdd(p, m, TV.Create(-1.2420140846e-1f));
        p = TV.MultiplyAdd(p, m, TV.Create(1.4249322787e-1f));
        p = TV.MultiplyAdd(p, m, TV.Create(-1.6668057665e-1f));
        p = TV.MultiplyAdd(p, m, TV.Create(2.0000714765e-1f));
        p = TV.MultiplyAdd(p, m, TV.Create(-2.4999993993e-1f));
        p = TV.MultiplyAdd(p, m, TV.Create(3.3333331174e-1f));
        TV y = p * m * z;
        y = TV.MultiplyAdd(e, TV.Create(-2.12194440e-4f), y);
        y = TV.MultiplyAdd(z, TV.Create(-0.5f), y);
        return TV.MultiplyAdd(e, TV.Create(0.693359375f), m + y);
    }

    /// <summary>x = n * pi / 2 + r.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TV Quadrant<TV>(TV x, out TV n)
        where TV : struct, IFloatVector<TV>
    {
        n = TV.Round(x * TV.Create(0.63661977236758134f));
        TV r = TV.MultiplyAdd(n, TV.Create(-1.57079637f), x);
        r = TV.MultiplyAdd(n, TV.Create(4.37113883e-8f), r);
        return TV.MultiplyAdd(n, TV.Create(1.71512488e-15f), r);
    }

    /// <summary>sin r, or cos r where the top bit of <paramref name="odd"/> is set, with <paramref name="sign"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TV SinOrCos<TV>(TV r, TV odd, TV sign)
        where TV : struct, IFloatVector<TV>
    {
        TV z = r * r;
        TV sin = TV.Create(-1.9515295891e-4f);
        sin = TV.MultiplyAdd(sin, z, TV.Create(8.3321608736e-3f));
        sin = TV.MultiplyAdd(sin, z, TV.Create(-1.6666654611e-1f));
        sin = TV.MultiplyAdd(sin * z, r, r);
        TV cos = TV.Create(2.443315711809948e-5f);
        cos = TV.MultiplyAdd(cos, z, TV.Create(-1.388731625493765e-3f));
        cos = TV.MultiplyAdd(cos, z, TV.Create(4.166664568298827e-2f));
        cos = TV.MultiplyAdd(cos * z, z, TV.MultiplyAdd(z, TV.Create(-0.5f), TV.Create(1f)));

        // -1 or -0 with the bit, as numbers: set when 1 | bit is negative.
        TV mask = TV.Less(TV.Create(1f) | odd, TV.Create(0f));
        return TV.Select(mask, cos, sin) ^ sign;
    }
}
