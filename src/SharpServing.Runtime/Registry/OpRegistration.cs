using SharpServing.Runtime.Shapes;

namespace SharpServing.Runtime.Registry;

/// <summary>One row of the op table.</summary>
public sealed class OpRegistration
{
    public OpRegistration(string name, ShapeFunction shape, KernelFactory factory, OpTraits traits)
    {
        Name = name;
        Shape = shape;
        Factory = factory;
        Traits = traits;
    }

    public string Name { get; }

    /// <summary>What is known of the outputs before a run.</summary>
    public ShapeFunction Shape { get; }

    public KernelFactory Factory { get; }

    public OpTraits Traits { get; }
}
