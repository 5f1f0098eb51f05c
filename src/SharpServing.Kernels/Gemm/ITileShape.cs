namespace SharpServing.Kernels;

/// <summary>Columns of a kernel tile as a type: constants to the compiler.</summary>
internal interface ITileShape
{
    /// <summary>Two vectors, else one.</summary>
    static abstract bool Wide { get; }

    /// <summary>The last vector is partial: <see cref="MicroTile.Columns"/> says how many columns count.</summary>
    static abstract bool Masked { get; }
}
