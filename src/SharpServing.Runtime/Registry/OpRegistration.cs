namespace SharpServing.Runtime.Registry;

/// <summary>One row of the op table.</summary>
public sealed class OpRegistration
{
    public OpRegistration(string name, KernelFactory factory, OpTraits traits)
    {
        Name = name;
        Factory = factory;
        Traits = traits;
    }

    public string Name { get; }

    public KernelFactory Factory { get; }

    public OpTraits Traits { get; }
}
