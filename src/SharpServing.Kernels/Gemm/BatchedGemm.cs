namespace SharpServing.Kernels;

/// <summary>Independent products of one size. All steps and strides in elements.</summary>
public unsafe struct BatchedGemm
{
    /// <summary>Products.</summary>
    public int Count { get; set; }

    public int M { get; set; }
    public int N { get; set; }
    public int K { get; set; }

    /// <summary>[m, k] each, or [k, m] when <see cref="TransposeA"/>.</summary>
    public float* A { get; set; }
    public long Lda { get; set; }
    public bool TransposeA { get; set; }

    /// <summary>From one product's A to the next; 0: the same for all.</summary>
    public long AStep { get; set; }

    /// <summary>[k, n] each, or [n, k] when <see cref="TransposeB"/>.</summary>
    public float* B { get; set; }
    public long Ldb { get; set; }
    public bool TransposeB { get; set; }

    /// <summary>From one product's B to the next; 0: the same for all.</summary>
    public long BStep { get; set; }

    /// <summary>[m, n] each.</summary>
    public float* C { get; set; }
    public long Ldc { get; set; }
    public long CStep { get; set; }

    /// <summary>Where each product's A begins (broadcast batch dimensions), instead of <see cref="AStep"/>; or null. With <see cref="BOffsets"/>.</summary>
    public long* AOffsets { get; set; }

    /// <summary>Where each product's B begins, instead of <see cref="BStep"/>; or null. With <see cref="AOffsets"/>.</summary>
    public long* BOffsets { get; set; }

    /// <summary>The same bias for all; a residual steps as C does.</summary>
    public Epilogue Epilogue { get; set; }

    internal readonly void RunOne(int index)
    {
        Epilogue epilogue = Epilogue;
        if (epilogue.Residual != null)
        {
            epilogue.Residual += index * CStep;
        }

        Gemm.Run(
            A + (AOffsets != null ? AOffsets[index] : index * AStep),
            Lda,
            TransposeA,
            B + (BOffsets != null ? BOffsets[index] : index * BStep),
            Ldb,
            TransposeB,
            M,
            N,
            K,
            C + index * CStep,
            Ldc,
            epilogue);
    }
}
