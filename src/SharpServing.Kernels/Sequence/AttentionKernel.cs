using SharpServing.Tensors;

namespace SharpServing.Kernels;

/// <summary>Attention without storing all scores: some query rows of one head at a time, scores in the cache. float32.</summary>
public static unsafe class AttentionKernel
{
    /// <summary>Scores of one tile: 256 KiB.</summary>
    private const int TileScores = 64 * 1024;

    /// <summary>Output = softmax(Q K^T * scale + mask) V for each batch and head; no overlap of the output with the inputs.</summary>
    public static void Run(in AttentionProblem problem)
    {
        if (problem.Batch <= 0 || problem.Heads <= 0 || problem.QueryLength <= 0 || problem.ValueSize <= 0)
        {
            return;
        }

        int rows = Math.Clamp(TileScores / Math.Max(1, problem.KeyLength), 1, problem.QueryLength);
        int tiles = (problem.QueryLength + rows - 1) / rows;
        WorkerPool.Current.For(
            problem.Batch * problem.Heads * tiles, new Body { Problem = problem, Tiles = tiles });
    }

    private struct Body : IParallelBody
    {
        public AttentionProblem Problem;
        public int Tiles;

        public readonly void Run(int index)
        {
            int tile = index % Tiles;
            long head = index / Tiles % Problem.Heads;
            long batch = index / Tiles / Problem.Heads;
            int first = (int)((long)Problem.QueryLength * tile / Tiles);
            int rows = (int)((long)Problem.QueryLength * (tile + 1) / Tiles) - first;
            int keys = Problem.KeyLength;
            TensorBuffer buffer = TensorAllocator.Shared.Allocate((long)rows * Math.Max(1, keys) * sizeof(float));
            try
            {
                float* scores = (float*)buffer.Address;
                Gemm.Run(
                    Problem.Query + batch * Problem.QueryBatchStep + head * Problem.QueryHeadStep + first * Problem.QueryRowStep,
                    Problem.QueryRowStep,
                    false,
                    Problem.Key + batch * Problem.KeyBatchStep + head * Problem.KeyHeadStep,
                    Problem.KeyRowStep,
                    true,
                    rows,
                    keys,
                    Problem.HeadSize,
                    scores,
                    keys);
                float* mask = Problem.Mask == null
                    ? null
                    : Problem.Mask + batch * Problem.MaskBatchStep + head * Problem.MaskHeadStep + first * Problem.MaskRowStep;
                for (int row = 0; row < rows && keys > 0; row++)
                {
                    SoftmaxKernel.ScaledRow(
                        scores + (nint)row * keys, keys, Problem.Scale, mask == null ? null : mask + row * Problem.MaskRowStep);
                }

                Gemm.Run(
                    scores,
                    keys,
                    false,
                    Problem.Value + batch * Problem.ValueBatchStep + head * Problem.ValueHeadStep,
                    Problem.ValueRowStep,
                    false,
                    rows,
                    Problem.ValueSize,
                    keys,
                    Problem.Output + batch * Problem.OutputBatchStep + head * Problem.OutputHeadStep + first * Problem.OutputRowStep,
                    Problem.OutputRowStep);
            }
            finally
            {
                buffer.Release();
            }
        }
    }
}
