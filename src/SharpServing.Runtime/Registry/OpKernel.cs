using SharpServing.Runtime.Execution;

namespace SharpServing.Runtime.Registry;

/// <summary>
/// The code of one node: made once when a plan is built, run by many threads at once. Keeps no state between runs but constants
/// and resources that guard themselves.
/// </summary>
public abstract class OpKernel
{
    /// <summary>
    /// Reads inputs and sets every needed output of <paramref name="context"/>. Inputs are borrowed: a kernel that keeps one takes a reference.
    /// </summary>
    /// <exception cref="StatusException">The op's error, with TensorFlow's text (without the node suffix).</exception>
    public abstract void Compute(OpContext context);
}
