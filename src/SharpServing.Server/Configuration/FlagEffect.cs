namespace SharpServing.Server.Configuration;

/// <summary>What a flag does here.</summary>
internal enum FlagEffect
{
    /// <summary>As in the original.</summary>
    Built,

    /// <summary>Accepted and checked, does nothing yet: said once in the log when it is given.</summary>
    None,
}
