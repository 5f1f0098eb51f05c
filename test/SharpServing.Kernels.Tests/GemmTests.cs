namespace SharpServing.Kernels.Tests;

public sealed unsafe class GemmTests
{
    [Fact]
    public void Run_RandomSizesAndForms_EqualsDoubleReference() => SimdLevels.Each(() =>
    {
        var random = new Random(1);
        (int M, int N, int K)[] fixedSizes =
        [
            (1, 10, 512), (2, 32, 7), (3, 33, 1), (12, 64, 256), (13, 48, 257), (25, 17, 600), (300, 40, 300), (8, 1000, 64), (5, 16, 0), (1, 70, 5),
        ];
        for (int round = 0; round < 60; round++)
        {
            var (m, n, k) = round < fixedSizes.Length ? fixedSizes[round] : (random.Next(1, 60), random.Next(1, 150), random.Next(1, 90));
            Check(random, m, n, k, round % 2 == 1, round % 3 == 1, round % 4);
        }
    });

    [Fact]
    public void Run_Parallel_EqualsSerial()
    {
        using var pool = new WorkerPool(4);
        WorkerPool? before = WorkerPool.Use(pool);
        try
        {
            Check(new Random(2), 150, 300, 400, false, false, 1);
            Check(new Random(3), 700, 40, 300, false, true, 2);
            Check(new Random(3), 3, 3000, 800, false, false, 1);
        }
        finally
        {
            WorkerPool.Use(before);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Unpack_AfterPack_GivesTheMatrixBack(bool transposed)
    {
        foreach (var (k, n) in new[] { (1, 1), (3, 16), (5, 17), (7, 32), (9, 33), (20, 100), (0, 5) })
        {
            int ld = (transposed ? k : n) + 3;
            using var b = new NativeFloats((transposed ? n : k) * ld + 1, 5);
            using var c = new NativeFloats(b.Length, 5);
            PackedMatrix packed = PackedMatrix.Pack(b.Pointer, k, n, ld, transposed);
            packed.ByteLength.ShouldBeLessThanOrEqualTo(4L * k * (n + 15));
            for (int i = 0; i < n; i++)
            {
                for (int j = 0; j < k; j++)
                {
                    c.Span[transposed ? i * ld + j : j * ld + i] = 0;
                }
            }

            packed.Unpack(c.Pointer, ld, transposed);
            c.Span.ToArray().ShouldBe(b.Span.ToArray());
            packed.Release();
        }
    }

    [Fact]
    public void Run_ActivationsAndNaN_AsTheElementwiseFunction() => SimdLevels.Each(() =>
    {
        int m = 14;
        int n = 37;
        int k = 9;
        using var a = new NativeFloats(m * k, 1, -2, 2);
        using var b = new NativeFloats(k * n, 2, -2, 2);
        using var plain = new NativeFloats(m * n);
        using var c = new NativeFloats(m * n);
        a.Span[3 * k] = float.NaN;
        Gemm.Run(a.Pointer, k, false, b.Pointer, n, false, m, n, k, plain.Pointer, n);
        for (Activation activation = Activation.None; activation <= Activation.HardSwish; activation++)
        {
            var epilogue = new Epilogue { Activation = activation, Alpha = 0.3f };
            Gemm.Run(a.Pointer, k, false, b.Pointer, n, false, m, n, k, c.Pointer, n, epilogue);
            float[] expected = plain.Span.ToArray();
            ActivationKernel.Apply(activation, 0.3f, expected);
            for (int i = 0; i < m * n; i++)
            {
                if (i / n == 3)
                {
                    float.IsNaN(expected[i]).ShouldBeTrue(activation.ToString());
                    float.IsNaN(c.Span[i]).ShouldBeTrue(activation.ToString());
                }
                else
                {
                    c.Span[i].ShouldBe(expected[i], 1e-6f * (1 + Math.Abs(expected[i])), activation.ToString());
                }
            }
        }
    });

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void RunBatch_StepsAndOffsets_EqualSingleProducts(bool transposeA, bool transposeB) => SimdLevels.Each(() =>
    {
        int count = 5;
        int m = 7;
        int n = 19;
        int k = 11;
        using var a = new NativeFloats(count * m * k, 1);
        using var b = new NativeFloats(count * k * n, 2);
        using var c = new NativeFloats(count * m * n);
        using var expected = new NativeFloats(m * n);
        long* zeros = stackalloc long[] { 0, 2 * m * k, m * k, 0, 4 * m * k };
        long* bs = stackalloc long[] { 0, k * n, k * n, 3 * k * n, 0 };
        for (int form = 0; form < 3; form++)
        {
            var batch = new BatchedGemm
            {
                Count = count,
                M = m,
                N = n,
                K = k,
                A = a.Pointer,
                Lda = transposeA ? m : k,
                TransposeA = transposeA,
                AStep = m * k,
                B = b.Pointer,
                Ldb = transposeB ? k : n,
                TransposeB = transposeB,
                BStep = form == 0 ? k * n : 0,
                C = c.Pointer,
                Ldc = n,
                CStep = m * n,
                AOffsets = form == 2 ? zeros : null,
                BOffsets = form == 2 ? bs : null,
            };
            Gemm.RunBatch(batch);
            for (int i = 0; i < count; i++)
            {
                float* pa = a.Pointer + (form == 2 ? zeros[i] : i * m * k);
                float* pb = b.Pointer + (form == 2 ? bs[i] : form == 0 ? i * k * n : 0);
                Gemm.Run(pa, batch.Lda, transposeA, pb, batch.Ldb, transposeB, m, n, k, expected.Pointer, n);
                for (int j = 0; j < m * n; j++)
                {
                    c.Span[i * m * n + j].ShouldBe(expected.Span[j], 1e-5f);
                }
            }
        }

        c.CheckGuards();
    });

    private static void Check(Random random, int m, int n, int k, bool transposeA, bool transposeB, int epilogueForm)
    {
        int lda = (transposeA ? m : k) + random.Next(0, 3);
        int ldb = (transposeB ? k : n) + random.Next(0, 3);
        int ldc = n + random.Next(0, 3);
        using var a = new NativeFloats(Math.Max(1, (transposeA ? k : m) * lda), 1);
        using var b = new NativeFloats(Math.Max(1, (transposeB ? n : k) * ldb), 2);
        using var bias = new NativeFloats(n, 3);
        using var residual = new NativeFloats(m * ldc, 4);
        using var c = new NativeFloats(m * ldc, 5);
        var epilogue = new Epilogue
        {
            Bias = epilogueForm >= 1 ? bias.Pointer : null,
            Residual = epilogueForm >= 2 ? residual.Pointer : null,
            Activation = epilogueForm switch { 3 => Activation.Relu6, 2 => Activation.Relu, _ => Activation.None },
        };
        double[] expected = new double[m * n];
        for (int i = 0; i < m; i++)
        {
            for (int j = 0; j < n; j++)
            {
                double sum = 0;
                for (int p = 0; p < k; p++)
                {
                    sum += (double)a.Pointer[transposeA ? p * lda + i : i * lda + p] * b.Pointer[transposeB ? j * ldb + p : p * ldb + j];
                }

                sum += epilogueForm >= 1 ? bias.Pointer[j] : 0;
                sum += epilogueForm >= 2 ? residual.Pointer[i * ldc + j] : 0;
                expected[i * n + j] = epilogueForm switch { 3 => Math.Clamp(sum, 0, 6), 2 => Math.Max(sum, 0), _ => sum };
            }
        }

        float[] before = c.Span.ToArray();
        Gemm.Run(a.Pointer, lda, transposeA, b.Pointer, ldb, transposeB, m, n, k, c.Pointer, ldc, epilogue);
        Compare("plain");
        before.CopyTo(c.Span);
        PackedMatrix packed = PackedMatrix.Pack(b.Pointer, k, n, ldb, transposeB);
        Gemm.Run(a.Pointer, lda, transposeA, m, packed, c.Pointer, ldc, epilogue);
        packed.Release();
        Compare("packed");
        c.CheckGuards();

        void Compare(string form)
        {
            for (int i = 0; i < m; i++)
            {
                for (int j = 0; j < ldc; j++)
                {
                    float actual = c.Pointer[i * ldc + j];
                    if (j >= n)
                    {
                        actual.ShouldBe(before[i * ldc + j], "between the rows");
                    }
                    else if (Math.Abs(actual - expected[i * n + j]) > 2e-6 * (1 + Math.Sqrt(k)) * (1 + Math.Abs(expected[i * n + j])))
                    {
                        actual.ShouldBe((float)expected[i * n + j], $"{form} {m}x{n}x{k} at {i},{j}, A^T {transposeA}, B^T {transposeB}, {epilogueForm}");
                    }
                }
            }
        }
    }
}
