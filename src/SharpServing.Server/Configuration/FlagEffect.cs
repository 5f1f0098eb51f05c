namespace SharpServing.Server.Configuration;

/// <summary>What a flag does here.</summary>
internal enum FlagEffect
{
    /// <summary>As in the original.</summary>
    Built,

    /// <summary>Accepted and checked, does nothing yet: said once in the log when it is given.</summary>
    None,

    /// <summary>The original has no such flag: it is not on its usage page, but on that of <c>sharpserving serve</c>.</summary>
    Own,
}
