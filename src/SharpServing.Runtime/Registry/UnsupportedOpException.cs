namespace SharpServing.Runtime.Registry;

/// <summary>An op, dtype or attribute that we do not support. The planner gathers all of them before it refuses a signature.</summary>
public sealed class UnsupportedOpException : Exception
{
    public UnsupportedOpException(string message)
        : base(message)
    {
    }
}
