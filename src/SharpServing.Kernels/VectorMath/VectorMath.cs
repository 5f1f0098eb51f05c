namespace SharpServing.Kernels;

/// <summary>Elementary functions over spans of float32; the output may be the input, else must not overlap it.</summary>
public static class VectorMath
{
    /// <summary>e^x.</summary>
    public static void Exp(ReadOnlySpan<float> src, Span<float> dst) => Elementwise.Unary<ExpOperator, float>(src, dst);

    /// <summary>e^x - 1.</summary>
    public static void Expm1(ReadOnlySpan<float> src, Span<float> dst) => Elementwise.Unary<Expm1Operator, float>(src, dst);

    /// <summary>ln x.</summary>
    public static void Log(ReadOnlySpan<float> src, Span<float> dst) => Elementwise.Unary<LogOperator, float>(src, dst);

    /// <summary>ln(1 + x).</summary>
    public static void Log1p(ReadOnlySpan<float> src, Span<float> dst) => Elementwise.Unary<Log1pOperator, float>(src, dst);

    /// <summary>tanh x.</summary>
    public static void Tanh(ReadOnlySpan<float> src, Span<float> dst) => Elementwise.Unary<TanhOperator, float>(src, dst);

    /// <summary>1 / (1 + e^-x).</summary>
    public static void Sigmoid(ReadOnlySpan<float> src, Span<float> dst) => Elementwise.Unary<SigmoidOperator, float>(src, dst);

    /// <summary>x / (1 + e^-x).</summary>
    public static void Swish(ReadOnlySpan<float> src, Span<float> dst) => Elementwise.Unary<SwishOperator, float>(src, dst);

    /// <summary>ln(1 + e^x).</summary>
    public static void Softplus(ReadOnlySpan<float> src, Span<float> dst) => Elementwise.Unary<SoftplusOperator, float>(src, dst);

    /// <summary>erf x.</summary>
    public static void Erf(ReadOnlySpan<float> src, Span<float> dst) => Elementwise.Unary<ErfOperator, float>(src, dst);

    /// <summary>x / 2 * (1 + erf(x / sqrt 2)).</summary>
    public static void GeluErf(ReadOnlySpan<float> src, Span<float> dst) => Elementwise.Unary<GeluErfOperator, float>(src, dst);

    /// <summary>x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 x^3))).</summary>
    public static void GeluTanh(ReadOnlySpan<float> src, Span<float> dst) => Elementwise.Unary<GeluTanhOperator, float>(src, dst);

    /// <summary>1 / sqrt x.</summary>
    public static void Rsqrt(ReadOnlySpan<float> src, Span<float> dst) => Elementwise.Unary<RsqrtOperator, float>(src, dst);

    /// <summary>sin x.</summary>
    public static void Sin(ReadOnlySpan<float> src, Span<float> dst) => Elementwise.Unary<SinOperator, float>(src, dst);

    /// <summary>cos x.</summary>
    public static void Cos(ReadOnlySpan<float> src, Span<float> dst) => Elementwise.Unary<CosOperator, float>(src, dst);

    /// <summary>x above 0, else e^x - 1.</summary>
    public static void Elu(ReadOnlySpan<float> src, Span<float> dst) => Elementwise.Unary<EluOperator, float>(src, dst);

    /// <summary>1.0507 * (x above 0, else 1.67326 * (e^x - 1)).</summary>
    public static void Selu(ReadOnlySpan<float> src, Span<float> dst) => Elementwise.Unary<SeluOperator, float>(src, dst);
}
