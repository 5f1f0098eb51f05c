using System.Runtime.CompilerServices;

namespace SharpServing.Kernels;

/// <summary>The elementwise step of recurrent cells, float32.</summary>
public static unsafe class RecurrentKernel
{
    /// <summary>
    /// LSTM: c = sigmoid(f + forgetBias) * c' + sigmoid(i) * tanh(g); h = sigmoid(o) * tanh(c). Cell and output may be the states before.
    /// </summary>
    /// <param name="sums">[batch, 4 * units]: x W + h' U + bias.</param>
    /// <param name="gates">Order of the four blocks.</param>
    /// <param name="forgetBias">Added to the forget gate's sum.</param>
    /// <param name="previousCell">[batch, units], c'.</param>
    /// <param name="cell">[batch, units], c.</param>
    /// <param name="output">[batch, units], h.</param>
    /// <param name="batch">Rows.</param>
    /// <param name="units">Units.</param>
    public static void LstmStep(
        float* sums, in LstmGates gates, float forgetBias, float* previousCell, float* cell, float* output, int batch, int units)
    {
        for (int row = 0; row < batch; row++)
        {
            float* z = sums + (nint)row * 4 * units;
            nint at = (nint)row * units;
            float* i = z + gates.Input * units;
            float* f = z + gates.Forget * units;
            float* g = z + gates.Cell * units;
            float* o = z + gates.Output * units;
            switch (Simd.Level)
            {
                case SimdLevel.Avx512:
                    Lstm<Float512>(i, f, g, o, forgetBias, previousCell + at, cell + at, output + at, units);
                    break;
                case SimdLevel.Avx2:
                    Lstm<Float256>(i, f, g, o, forgetBias, previousCell + at, cell + at, output + at, units);
                    break;
                case SimdLevel.Sse:
                    Lstm<Float128>(i, f, g, o, forgetBias, previousCell + at, cell + at, output + at, units);
                    break;
                default:
                    Lstm<Float32>(i, f, g, o, forgetBias, previousCell + at, cell + at, output + at, units);
                    break;
            }
        }
    }

    /// <summary>
    /// GRU with the reset gate after the product (Keras' default): z = sigmoid(xz + hz), r = sigmoid(xr + hr),
    /// n = tanh(xn + r * hn), h = z * h' + (1 - z) * n. The output may be the state before.
    /// </summary>
    /// <param name="inputSums">[batch, 3 * units]: x W + bias, blocks z, r, n.</param>
    /// <param name="stateSums">[batch, 3 * units]: h' U + bias, blocks z, r, n.</param>
    /// <param name="previous">[batch, units], h'.</param>
    /// <param name="output">[batch, units], h.</param>
    /// <param name="batch">Rows.</param>
    /// <param name="units">Units.</param>
    public static void GruStep(float* inputSums, float* stateSums, float* previous, float* output, int batch, int units)
    {
        for (int row = 0; row < batch; row++)
        {
            nint at = (nint)row * units;
            float* x = inputSums + 3 * at;
            float* s = stateSums + 3 * at;
            switch (Simd.Level)
            {
                case SimdLevel.Avx512:
                    Gru<Float512>(x, s, previous + at, output + at, units);
                    break;
                case SimdLevel.Avx2:
                    Gru<Float256>(x, s, previous + at, output + at, units);
                    break;
                case SimdLevel.Sse:
                    Gru<Float128>(x, s, previous + at, output + at, units);
                    break;
                default:
                    Gru<Float32>(x, s, previous + at, output + at, units);
                    break;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Lstm<TV>(
        float* i, float* f, float* g, float* o, float forgetBias, float* previousCell, float* cell, float* output, int units)
        where TV : struct, IFloatVector<TV>
    {
        int u = 0;
        for (; u <= units - TV.Count; u += TV.Count)
        {
            LstmVector<TV>(i + u, f + u, g + u, o + u, forgetBias, previousCell + u, cell + u, output + u);
        }

        for (; u < units; u++)
        {
            LstmVector<Float32>(i + u, f + u, g + u, o + u, forgetBias, previousCell + u, cell + u, output + u);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void LstmVector<TV>(
        float* i, float* f, float* g, float* o, float forgetBias, float* previousCell, float* cell, float* output)
        where TV : struct, IFloatVector<TV>
    {
        TV kept = FloatMath.Sigmoid(TV.Load(f) + TV.Create(forgetBias)) * TV.Load(previousCell);
        TV c = TV.MultiplyAdd(FloatMath.Sigmoid(TV.Load(i)), FloatMath.Tanh(TV.Load(g)), kept);
        TV.Store(c, cell);
        TV.Store(FloatMath.Sigmoid(TV.Load(o)) * FloatMath.Tanh(c), output);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Gru<TV>(float* x, float* s, float* previous, float* output, int units)
        where TV : struct, IFloatVector<TV>
    {
        int u = 0;
        for (; u <= units - TV.Count; u += TV.Count)
        {
            GruVector<TV>(x + u, s + u, previous + u, output + u, units);
        }

        for (; u < units; u++)
        {
            GruVector<Float32>(x + u, s + u, previous + u, output + u, units);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void GruVector<TV>(float* x, float* s, float* previous, float* output, int units)
        where TV : struct, IFloatVector<TV>
    {
        TV z = FloatMath.Sigmoid(TV.Load(x) + TV.Load(s));
        TV r = FloatMath.Sigmoid(TV.Load(x + units) + TV.Load(s + units));
        TV n = FloatMath.Tanh(TV.MultiplyAdd(r, TV.Load(s + 2 * units), TV.Load(x + 2 * units)));
        TV h = TV.Load(previous);
        TV.Store(TV.MultiplyAdd(z, h - n, n), output);
    }
}
