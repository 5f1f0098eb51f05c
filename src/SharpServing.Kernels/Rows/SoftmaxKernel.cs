using System.Runtime.CompilerServices;

namespace SharpServing.Kernels;

/// <summary>
/// softmax and log softmax over the last dimension, float32: e^(x - max) / sum, and x - max - ln sum. A row with NaN, +infinity, or only
/// -infinity becomes NaN. The output may be the input.
/// </summary>
public static unsafe class SoftmaxKernel
{
    private const long TileElements = 16 * 1024;

    /// <param name="source">[rows, columns].</param>
    /// <param name="target">[rows, columns].</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Elements of a row.</param>
    public static void Softmax(float* source, float* target, long rows, int columns) => Run(source, target, rows, columns, logarithm: false);

    /// <param name="source">[rows, columns].</param>
    /// <param name="target">[rows, columns].</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Elements of a row.</param>
    public static void LogSoftmax(float* source, float* target, long rows, int columns) => Run(source, target, rows, columns, logarithm: true);

    private static void Run(float* source, float* target, long rows, int columns, bool logarithm)
    {
        if (columns > 0)
        {
            WorkerPool.Current.ForRange(
                rows, Math.Max(1, TileElements / columns), new RowsBody { Source = source, Target = target, Columns = columns, Logarithm = logarithm });
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Row<TV>(float* source, float* target, int columns, bool logarithm)
        where TV : struct, IFloatVector<TV>
    {
        // At least one vector; the last one overlaps the one before.
        int last = columns - TV.Count;
        TV highest = TV.Load(source + last);
        TV second = highest;
        int i = 0;
        for (; i <= last - TV.Count; i += 2 * TV.Count)
        {
            highest = TV.Max(TV.Load(source + i), highest);
            second = TV.Max(TV.Load(source + i + TV.Count), second);
        }

        for (; i < last; i += TV.Count)
        {
            highest = TV.Max(TV.Load(source + i), highest);
        }

        float* lanes = stackalloc float[16];
        TV.Store(TV.Max(highest, second), lanes);
        float max = lanes[0];
        for (int lane = 1; lane < TV.Count; lane++)
        {
            // NaN shows in the sum.
            max = lanes[lane] > max || float.IsNaN(max) ? lanes[lane] : max;
        }

        TV shift = TV.Create(max);
        TV sum = TV.Create(0f);
        int tail = columns % TV.Count;
        int whole = columns - tail;
        for (i = 0; i < whole; i += TV.Count)
        {
            TV value = TV.Load(source + i) - shift;
            TV power = FloatMath.Exp(value);
            sum += power;
            TV.Store(logarithm ? value : power, target + i);
        }

        float total = TV.Sum(sum);
        for (; i < columns; i++)
        {
            var value = new Float32(source[i] - max);
            Float32 power = FloatMath.Exp(value);
            total += power.Value;
            target[i] = logarithm ? value.Value : power.Value;
        }

        float amount = logarithm ? -MathF.Log(total) : 1f / total;
        TV factor = TV.Create(amount);
        for (i = 0; i < whole; i += TV.Count)
        {
            TV value = TV.Load(target + i);
            TV.Store(logarithm ? value + factor : value * factor, target + i);
        }

        for (; i < columns; i++)
        {
            target[i] = logarithm ? target[i] + amount : target[i] * amount;
        }
    }

    private struct RowsBody : IRangeBody
    {
        public float* Source;
        public float* Target;
        public int Columns;
        public bool Logarithm;

        public readonly void Run(long start, long end)
        {
            for (long row = start; row < end; row++)
            {
                float* source = Source + (nint)row * Columns;
                float* target = Target + (nint)row * Columns;
                switch (Simd.Level)
                {
                    case SimdLevel.Avx512 when Columns >= 16:
                        Row<Float512>(source, target, Columns, Logarithm);
                        break;
                    case >= SimdLevel.Avx2 when Columns >= 8:
                        Row<Float256>(source, target, Columns, Logarithm);
                        break;
                    case >= SimdLevel.Sse when Columns >= 4:
                        Row<Float128>(source, target, Columns, Logarithm);
                        break;
                    default:
                        Row<Float32>(source, target, Columns, Logarithm);
                        break;
                }
            }
        }
    }
}
