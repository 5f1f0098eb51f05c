namespace SharpServing.Kernels;

/// <summary>
/// Scaled dot product attention of some heads: softmax(Q K^T * scale + mask) V. Steps in elements, so that [batch, length, heads, size]
/// and [batch, heads, length, size] both work without a transpose; elements of one head's row lie side by side.
/// </summary>
public unsafe struct AttentionProblem
{
    public int Batch { get; set; }

    public int Heads { get; set; }

    public int QueryLength { get; set; }

    public int KeyLength { get; set; }

    /// <summary>Elements of a query and of a key.</summary>
    public int HeadSize { get; set; }

    /// <summary>Elements of a value.</summary>
    public int ValueSize { get; set; }

    public float Scale { get; set; }

    public float* Query { get; set; }

    public long QueryBatchStep { get; set; }

    public long QueryHeadStep { get; set; }

    public long QueryRowStep { get; set; }

    public float* Key { get; set; }

    public long KeyBatchStep { get; set; }

    public long KeyHeadStep { get; set; }

    public long KeyRowStep { get; set; }

    public float* Value { get; set; }

    public long ValueBatchStep { get; set; }

    public long ValueHeadStep { get; set; }

    public long ValueRowStep { get; set; }

    /// <summary>Added to the scores, [key length] per query; steps of 0 repeat it. Or null.</summary>
    public float* Mask { get; set; }

    public long MaskBatchStep { get; set; }

    public long MaskHeadStep { get; set; }

    public long MaskRowStep { get; set; }

    public float* Output { get; set; }

    public long OutputBatchStep { get; set; }

    public long OutputHeadStep { get; set; }

    public long OutputRowStep { get; set; }
}
