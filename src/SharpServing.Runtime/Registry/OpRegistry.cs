using SharpServing.Runtime.Shapes;

namespace SharpServing.Runtime.Registry;

/// <summary>
/// The table of all kernels, by op name. Filled by plain calls when the program starts (no scanning), read by any thread afterwards.
/// </summary>
public sealed class OpRegistry
{
    private readonly Dictionary<string, OpRegistration> _rows = new(StringComparer.Ordinal);

    public IEnumerable<OpRegistration> Rows => _rows.Values;

    public OpRegistration? Find(string op) => _rows.GetValueOrDefault(op);

    /// <param name="shape">What is known of the outputs before a run; <see cref="ShapeFunctions.Unknown"/> is said, not left out.</param>
    /// <exception cref="ArgumentException">The op has a row already.</exception>
    public void Add(string op, ShapeFunction shape, KernelFactory factory, OpTraits traits = OpTraits.None) =>
        _rows.Add(op, new OpRegistration(op, shape, factory, traits));

    /// <summary>A kernel without attributes or dtypes of its own.</summary>
    public void Add(string op, ShapeFunction shape, Action<Execution.OpContext> compute, OpTraits traits = OpTraits.None) =>
        Add(op, shape, _ => new LambdaKernel(compute), traits);
}
