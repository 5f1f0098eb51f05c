namespace SharpServing.Kernels;

/// <summary>
/// A vector of float32 (or one float32) as an algorithm sees it, so that each function is written once for every width. Masks are
/// vectors of all-ones or all-zeros elements.
/// </summary>
internal unsafe interface IFloatVector<TSelf>
    where TSelf : struct, IFloatVector<TSelf>
{
    /// <summary>Elements.</summary>
    static abstract int Count { get; }

    static abstract TSelf Load(float* p);

    static abstract void Store(TSelf x, float* p);

    /// <summary>Sum of the elements.</summary>
    static abstract float Sum(TSelf x);

    static abstract TSelf Create(float value);

    static abstract TSelf CreateBits(uint bits);

    static abstract TSelf operator +(TSelf x, TSelf y);

    static abstract TSelf operator -(TSelf x, TSelf y);

    static abstract TSelf operator *(TSelf x, TSelf y);

    static abstract TSelf operator /(TSelf x, TSelf y);

    /// <summary>Bitwise.</summary>
    static abstract TSelf operator &(TSelf x, TSelf y);

    /// <summary>Bitwise.</summary>
    static abstract TSelf operator |(TSelf x, TSelf y);

    /// <summary>Bitwise.</summary>
    static abstract TSelf operator ^(TSelf x, TSelf y);

    /// <summary>x * y + z, rounded once where the machine can.</summary>
    static abstract TSelf MultiplyAdd(TSelf x, TSelf y, TSelf z);

    /// <summary>The smaller; y when either is NaN.</summary>
    static abstract TSelf Min(TSelf x, TSelf y);

    /// <summary>The larger; y when either is NaN.</summary>
    static abstract TSelf Max(TSelf x, TSelf y);

    static abstract TSelf Sqrt(TSelf x);

    /// <summary>To the nearest integer, ties to even.</summary>
    static abstract TSelf Round(TSelf x);

    static abstract TSelf Less(TSelf x, TSelf y);

    static abstract TSelf Equal(TSelf x, TSelf y);

    /// <summary>x where the mask is set, else y.</summary>
    static abstract TSelf Select(TSelf mask, TSelf x, TSelf y);

    /// <summary>x * 2^n for an integer-valued n between -252 and 254.</summary>
    static abstract TSelf Scale(TSelf x, TSelf n);

    /// <summary>Bits of the integer value of x, shifted left; modulo 2^32.</summary>
    static abstract TSelf IntegerBits(TSelf x, int shift);

    /// <summary>For a positive normal x = m * 2^e with m in [sqrt(1/2), sqrt(2)).</summary>
    static abstract TSelf Split(TSelf x, out TSelf exponent);

    static abstract bool AnySet(TSelf mask);

    /// <summary>f of each element, one by one.</summary>
    static abstract TSelf Each(TSelf x, Func<float, float> f);
}
