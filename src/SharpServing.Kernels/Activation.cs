namespace SharpServing.Kernels;

/// <summary>A function applied to each element at the end of a matrix product or convolution.</summary>
public enum Activation
{
    /// <summary>x.</summary>
    None = 0,

    /// <summary>max(x, 0).</summary>
    Relu,

    /// <summary>min(max(x, 0), 6).</summary>
    Relu6,

    /// <summary>x for x &gt; 0, else alpha * x.</summary>
    LeakyRelu,

    /// <summary>x for x &gt; 0, else exp(x) - 1.</summary>
    Elu,

    /// <summary>1.0507009873554805 * (x for x &gt; 0, else 1.6732632423543772 * (exp(x) - 1)).</summary>
    Selu,

    /// <summary>tanh(x).</summary>
    Tanh,

    /// <summary>1 / (1 + exp(-x)).</summary>
    Sigmoid,

    /// <summary>x / (1 + exp(-x)).</summary>
    Swish,

    /// <summary>x / 2 * (1 + erf(x / sqrt 2)).</summary>
    GeluErf,

    /// <summary>x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 x^3))).</summary>
    GeluTanh,

    /// <summary>log(1 + exp(x)).</summary>
    Softplus,

    /// <summary>x * min(max(x + 3, 0), 6) / 6.</summary>
    HardSwish,
}
