using System.Runtime.CompilerServices;

namespace SharpServing.Kernels;

/// <summary>
/// Layer normalisation over the last dimension, float32: (x - mean) / sqrt(variance + epsilon) * gamma + beta, with the biased variance
/// of the row (mean of squared differences). The output may be the input.
/// </summary>
public static unsafe class LayerNormKernel
{
    private const long TileElements = 32 * 1024;

    /// <param name="source">[rows, columns].</param>
    /// <param name="gamma">[columns], or null for 1.</param>
    /// <param name="beta">[columns], or null for 0.</param>
    /// <param name="epsilon">Added to the variance.</param>
    /// <param name="target">[rows, columns].</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Elements of a row.</param>
    public static void Run(float* source, float* gamma, float* beta, float epsilon, float* target, long rows, int columns)
    {
        if (columns > 0)
        {
            WorkerPool.Current.ForRange(
                rows,
                Math.Max(1, TileElements / columns),
                new RowsBody { Source = source, Gamma = gamma, Beta = beta, Epsilon = epsilon, Target = target, Columns = columns });
        }
    }

    private struct RowsBody : IRangeBody
    {
        public float* Source;
        public float* Target;
        public float* Gamma;
        public float* Beta;
        public float Epsilon;
        public int Columns;

        public readonly void Run(long start, long end)
        {
            for (long row = start; row < end; row++)
            {
                float* source = Source + (nint)row * Columns;
                float* target = Target + (nint)row * Columns;
                switch (Simd.Level)
                {
                    case SimdLevel.Avx512:
                        Row<Float512>(source, target);
                        break;
                    case SimdLevel.Avx2:
                        Row<Float256>(source, target);
                        break;
                    case SimdLevel.Sse:
                        Row<Float128>(source, target);
                        break;
                    default:
                        Row<Float32>(source, target);
                        break;
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void Row<TV>(float* source, float* target)
            where TV : struct, IFloatVector<TV>
        {
            int columns = Columns;
            int whole = columns - columns % TV.Count;
            TV s0 = TV.Create(0f), s1 = s0;
            int i = 0;
            for (; i <= whole - 2 * TV.Count; i += 2 * TV.Count)
            {
                s0 += TV.Load(source + i);
                s1 += TV.Load(source + i + TV.Count);
            }

            for (; i < whole; i += TV.Count)
            {
                s0 += TV.Load(source + i);
            }

            float sum = TV.Sum(s0 + s1);
            for (; i < columns; i++)
            {
                sum += source[i];
            }

            float mean = sum / columns;
            TV center = TV.Create(mean);
            s0 = TV.Create(0f);
            s1 = s0;
            for (i = 0; i <= whole - 2 * TV.Count; i += 2 * TV.Count)
            {
                TV a = TV.Load(source + i) - center;
                TV b = TV.Load(source + i + TV.Count) - center;
                s0 = TV.MultiplyAdd(a, a, s0);
                s1 = TV.MultiplyAdd(b, b, s1);
            }

            for (; i < whole; i += TV.Count)
            {
                TV a = TV.Load(source + i) - center;
                s0 = TV.MultiplyAdd(a, a, s0);
            }

            float squares = TV.Sum(s0 + s1);
            for (; i < columns; i++)
            {
                float a = source[i] - mean;
                squares += a * a;
            }

            float scale = 1f / MathF.Sqrt(squares / columns + Epsilon);
            TV factor = TV.Create(scale);
            float* gamma = Gamma;
            float* beta = Beta;
            for (i = 0; i < whole; i += TV.Count)
            {
                TV value = (TV.Load(source + i) - center) * factor;
                value = gamma == null ? value : value * TV.Load(gamma + i);
                TV.Store(beta == null ? value : value + TV.Load(beta + i), target + i);
            }

            for (; i < columns; i++)
            {
                float value = (source[i] - mean) * scale;
                value = gamma == null ? value : value * gamma[i];
                target[i] = beta == null ? value : value + beta[i];
            }
        }
    }
}
