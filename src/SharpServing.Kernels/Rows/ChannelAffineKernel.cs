using System.Runtime.CompilerServices;

namespace SharpServing.Kernels;

/// <summary>Batch normalisation at inference, float32, channels last: activation(x * scale[c] + shift[c]). The output may be the input.</summary>
public static unsafe class ChannelAffineKernel
{
    private const long TileElements = 32 * 1024;

    /// <summary>scale = gamma / sqrt(variance + epsilon), shift = beta - mean * scale; [channels] each.</summary>
    public static void Fold(float* gamma, float* beta, float* mean, float* variance, float epsilon, int channels, float* scale, float* shift)
    {
        for (int c = 0; c < channels; c++)
        {
            scale[c] = (float)((gamma == null ? 1.0 : gamma[c]) / Math.Sqrt((double)variance[c] + epsilon));
            shift[c] = (float)((beta == null ? 0.0 : beta[c]) - (double)mean[c] * scale[c]);
        }
    }

    /// <param name="source">[rows, channels].</param>
    /// <param name="scale">[channels].</param>
    /// <param name="shift">[channels].</param>
    /// <param name="target">[rows, channels].</param>
    /// <param name="rows">Batch times pixels.</param>
    /// <param name="channels">Channels.</param>
    /// <param name="activation">Applied last.</param>
    /// <param name="alpha">Slope of <see cref="Activation.LeakyRelu"/>.</param>
    public static void Run(
        float* source, float* scale, float* shift, float* target, long rows, int channels, Activation activation = Activation.None, float alpha = 0)
    {
        if (channels > 0)
        {
            WorkerPool.Current.ForRange(
                rows,
                Math.Max(1, TileElements / channels),
                new RowsBody { Source = source, Scale = scale, Shift = shift, Target = target, Channels = channels, Activation = activation, Alpha = alpha });
        }
    }

    private struct RowsBody : IRangeBody
    {
        public float* Source;
        public float* Target;
        public float* Scale;
        public float* Shift;
        public int Channels;
        public Activation Activation;
        public float Alpha;

        public readonly void Run(long start, long end)
        {
            int step = Math.Max(1, 2048 / Channels);
            for (long row = start; row < end; row += step)
            {
                int rows = (int)Math.Min(step, end - row);
                switch (Simd.Level)
                {
                    case SimdLevel.Avx512:
                        Rows<Float512>(row, rows);
                        break;
                    case SimdLevel.Avx2:
                        Rows<Float256>(row, rows);
                        break;
                    case SimdLevel.Sse:
                        Rows<Float128>(row, rows);
                        break;
                    default:
                        Rows<Float32>(row, rows);
                        break;
                }

                if (Activation != Activation.None)
                {
                    ActivationKernel.Apply(Activation, Alpha, Target + (nint)row * Channels, rows, Channels, Channels);
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void Rows<TV>(long first, int rows)
            where TV : struct, IFloatVector<TV>
        {
            int channels = Channels;
            int whole = channels - channels % TV.Count;
            float* source = Source + (nint)first * channels;
            float* target = Target + (nint)first * channels;
            for (int row = 0; row < rows; row++, source += channels, target += channels)
            {
                int c = 0;
                for (; c < whole; c += TV.Count)
                {
                    TV.Store(TV.MultiplyAdd(TV.Load(source + c), TV.Load(Scale + c), TV.Load(Shift + c)), target + c);
                }

                for (; c < channels; c++)
                {
                    target[c] = source[c] * Scale[c] + Shift[c];
                }
            }
        }
    }
}
