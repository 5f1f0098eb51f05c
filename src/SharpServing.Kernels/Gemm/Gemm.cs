using SharpServing.Tensors;

namespace SharpServing.Kernels;

/// <summary>
/// Matrix products in float32: C[m, n] = activation(A[m, k] * B[k, n] + bias[n] + residual[m, n]). Rows of A and C may lie further apart
/// than they are long (lda, ldc in elements). C must not overlap A or B. k = 0 gives zero sums.
/// </summary>
public static unsafe class Gemm
{
    /// <summary>Multiply-adds of one parallel tile: about 20 microseconds.</summary>
    private const long TileWork = 2_000_000;

    /// <summary>B packed beforehand.</summary>
    /// <param name="a">[m, k], or [k, m] when <paramref name="transposeA"/>.</param>
    /// <param name="lda">Elements from row to row of A as stored.</param>
    /// <param name="transposeA">A is stored transposed.</param>
    /// <param name="m">Rows of the result.</param>
    /// <param name="b">The right side.</param>
    /// <param name="c">[m, n].</param>
    /// <param name="ldc">Elements from row to row of C.</param>
    /// <param name="epilogue">What is added and applied before storing.</param>
    public static void Run(float* a, long lda, bool transposeA, int m, PackedMatrix b, float* c, long ldc, in Epilogue epilogue = default)
    {
        var problem = new GemmProblem
        {
            M = m,
            N = b.Columns,
            K = b.Rows,
            A = a,
            AStride = (nint)lda,
            B = b.Data,
            BLayout = GemmLayout.Packed,
            C = c,
            CStride = (nint)ldc,
            Epilogue = epilogue,
        };
        Run(ref problem, transposeA);
    }

    /// <summary>Both sides as they lie in memory.</summary>
    /// <param name="a">[m, k], or [k, m] when <paramref name="transposeA"/>.</param>
    /// <param name="lda">Elements from row to row of A as stored.</param>
    /// <param name="transposeA">A is stored transposed.</param>
    /// <param name="b">[k, n], or [n, k] when <paramref name="transposeB"/>.</param>
    /// <param name="ldb">Elements from row to row of B as stored.</param>
    /// <param name="transposeB">B is stored transposed.</param>
    /// <param name="m">Rows of the result.</param>
    /// <param name="n">Columns of the result.</param>
    /// <param name="k">Inner dimension.</param>
    /// <param name="c">[m, n].</param>
    /// <param name="ldc">Elements from row to row of C.</param>
    /// <param name="epilogue">What is added and applied before storing.</param>
    public static void Run(
        float* a, long lda, bool transposeA, float* b, long ldb, bool transposeB, int m, int n, int k, float* c, long ldc, in Epilogue epilogue = default)
    {
        var problem = new GemmProblem
        {
            M = m,
            N = n,
            K = k,
            A = a,
            AStride = (nint)lda,
            B = b,
            BLayout = transposeB ? GemmLayout.Transposed : GemmLayout.Plain,
            BStride = (nint)ldb,
            C = c,
            CStride = (nint)ldc,
            Epilogue = epilogue,
        };
        Run(ref problem, transposeA);
    }

    /// <summary>Independent products of one size, in parallel over the batch.</summary>
    public static void RunBatch(in BatchedGemm batch)
    {
        if (batch.Count <= 0 || batch.M <= 0 || batch.N <= 0)
        {
            return;
        }

        // One right side for all, rows of A and C evenly spaced over the whole batch: a single product.
        if (batch.AOffsets == null && batch.BStep == 0 && !batch.TransposeA && batch.AStep == batch.M * batch.Lda &&
            batch.CStep == batch.M * batch.Ldc && batch.Epilogue.Residual == null && (long)batch.M * batch.Count <= int.MaxValue)
        {
            Run(
                batch.A, batch.Lda, false, batch.B, batch.Ldb, batch.TransposeB, batch.M * batch.Count, batch.N, batch.K, batch.C, batch.Ldc, batch.Epilogue);
            return;
        }

        long work = Math.Max(1, (long)batch.M * batch.N * batch.K);
        if (batch.Count < WorkerPool.Current.AvailableDegree && work >= 2 * TileWork)
        {
            // Few large products: parallel inside each.
            for (int i = 0; i < batch.Count; i++)
            {
                batch.RunOne(i);
            }
        }
        else
        {
            WorkerPool.Current.ForRange(batch.Count, Math.Max(1, TileWork / work), new BatchBody { Batch = batch });
        }
    }

    private static void Run(ref GemmProblem problem, bool transposeA)
    {
        if (problem.M <= 0 || problem.N <= 0)
        {
            return;
        }

        if (!transposeA || problem.M == 1 && problem.AStride == 1)
        {
            RunParallel(problem);
            return;
        }

        // Kernels read A row by row.
        TensorBuffer copy = TensorAllocator.Shared.Allocate((long)problem.M * problem.K * sizeof(float));
        try
        {
            MatrixTranspose.Run(problem.A, problem.AStride, (float*)copy.Address, problem.K, problem.K, problem.M);
            problem.A = (float*)copy.Address;
            problem.AStride = problem.K;
            RunParallel(problem);
        }
        finally
        {
            copy.Release();
        }
    }

    private static void RunParallel(in GemmProblem problem)
    {
        int panels = PackedMatrix.PanelCount(problem.N);
        long work = (long)problem.M * problem.N * problem.K;
        int degree = WorkerPool.Current.AvailableDegree;
        if (degree == 1 || work < 2 * TileWork)
        {
            GemmLoop.Run(problem, 0, problem.M, 0, panels);
            return;
        }

        // First cut the columns: every thread then reads its own part of B. Then the rows.
        long wanted = Math.Min(work / TileWork, degree * 4L);
        int columnTiles = (int)Math.Min(wanted, panels);
        int rowTiles = (int)Math.Clamp(wanted / columnTiles, 1, Math.Max(1, problem.M / (2 * MicroKernel512.MaxRows)));
        WorkerPool.Current.For(columnTiles * rowTiles, new TileBody { Problem = problem, ColumnTiles = columnTiles, RowTiles = rowTiles, Panels = panels });
    }

    private struct TileBody : IParallelBody
    {
        public GemmProblem Problem;
        public int ColumnTiles;
        public int RowTiles;
        public int Panels;

        public readonly void Run(int tile)
        {
            int row = tile % RowTiles;
            int column = tile / RowTiles;
            GemmLoop.Run(
                Problem,
                (int)((long)Problem.M * row / RowTiles),
                (int)((long)Problem.M * (row + 1) / RowTiles),
                (int)((long)Panels * column / ColumnTiles),
                (int)((long)Panels * (column + 1) / ColumnTiles));
        }
    }

    private struct BatchBody : IRangeBody
    {
        public BatchedGemm Batch;

        public readonly void Run(long start, long end)
        {
            for (long i = start; i < end; i++)
            {
                Batch.RunOne((int)i);
            }
        }
    }
}
