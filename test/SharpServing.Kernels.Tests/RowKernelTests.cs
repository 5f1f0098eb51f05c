namespace SharpServing.Kernels.Tests;

public sealed unsafe class RowKernelTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Softmax_AnyLength_EqualsDoubleReference(bool logarithm) => SimdLevels.Each(() =>
    {
        foreach (int columns in new[] { 1, 2, 3, 4, 7, 8, 15, 16, 17, 31, 32, 33, 47, 48, 49, 64, 128, 197, 1000 })
        {
            int rows = 3;
            using var x = new NativeFloats(rows * columns, columns, -20, 20);
            using var y = new NativeFloats(rows * columns);
            if (logarithm)
            {
                SoftmaxKernel.LogSoftmax(x.Pointer, y.Pointer, rows, columns);
            }
            else
            {
                SoftmaxKernel.Softmax(x.Pointer, y.Pointer, rows, columns);
            }

            for (int row = 0; row < rows; row++)
            {
                Span<float> values = x.Span.Slice(row * columns, columns);
                double max = values.ToArray().Max();
                double sum = values.ToArray().Sum(v => Math.Exp(v - max));
                for (int i = 0; i < columns; i++)
                {
                    double expected = logarithm ? values[i] - max - Math.Log(sum) : Math.Exp(values[i] - max) / sum;
                    Math.Abs(y.Span[row * columns + i] - expected).ShouldBeLessThanOrEqualTo(logarithm ? 4e-7 * (1 + Math.Abs(expected)) : 4e-6 * expected);
                }
            }

            y.CheckGuards();
        }
    });

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Softmax_RowWithNaNOrInfinity_IsNaN(float special) => SimdLevels.Each(() =>
    {
        foreach (int columns in new[] { 5, 16, 21, 40 })
        {
            for (int at = 0; at < columns; at++)
            {
                using var x = new NativeFloats(columns, 1);
                x.Span[at] = special;
                SoftmaxKernel.Softmax(x.Pointer, x.Pointer, 1, columns);
                x.Span.ToArray().ShouldAllBe(v => float.IsNaN(v));
            }
        }
    });

    [Fact]
    public void LayerNorm_AnyLength_EqualsDoubleReferenceAlsoInPlace() => SimdLevels.Each(() =>
    {
        foreach (int columns in new[] { 1, 3, 5, 16, 17, 33, 64, 100, 768 })
        {
            int rows = 3;
            using var x = new NativeFloats(rows * columns, columns, -1, 3);
            using var gamma = new NativeFloats(columns, 2);
            using var beta = new NativeFloats(columns, 3);
            using var y = new NativeFloats(rows * columns);
            LayerNormKernel.Run(x.Pointer, gamma.Pointer, beta.Pointer, 1e-3f, y.Pointer, rows, columns);
            for (int i = 0; i < rows * columns; i++)
            {
                double[] row = x.Span.Slice(i / columns * columns, columns).ToArray().Select(v => (double)v).ToArray();
                double mean = row.Average();
                double variance = row.Average(v => (v - mean) * (v - mean));
                double expected = (x.Span[i] - mean) / Math.Sqrt(variance + 1e-3f) * gamma.Span[i % columns] + beta.Span[i % columns];
                y.Span[i].ShouldBe((float)expected, 5e-6f);
            }

            float[] before = y.Span.ToArray();
            LayerNormKernel.Run(x.Pointer, gamma.Pointer, beta.Pointer, 1e-3f, x.Pointer, rows, columns);
            x.Span.ToArray().ShouldBe(before);
            y.CheckGuards();
        }
    });

    [Fact]
    public void ChannelAffine_FoldedBatchNorm_EqualsFormula() => SimdLevels.Each(() =>
    {
        int rows = 70;
        int channels = 37;
        using var x = new NativeFloats(rows * channels, 1);
        using var gamma = new NativeFloats(channels, 2);
        using var beta = new NativeFloats(channels, 3);
        using var mean = new NativeFloats(channels, 4);
        using var variance = new NativeFloats(channels, 5, 0.1f, 2);
        using var scale = new NativeFloats(channels);
        using var shift = new NativeFloats(channels);
        using var y = new NativeFloats(rows * channels);
        ChannelAffineKernel.Fold(gamma.Pointer, beta.Pointer, mean.Pointer, variance.Pointer, 1e-3f, channels, scale.Pointer, shift.Pointer);
        ChannelAffineKernel.Run(x.Pointer, scale.Pointer, shift.Pointer, y.Pointer, rows, channels, Activation.Relu);
        for (int i = 0; i < rows * channels; i++)
        {
            int c = i % channels;
            double expected = (x.Span[i] - mean.Span[c]) / Math.Sqrt(variance.Span[c] + 1e-3f) * gamma.Span[c] + beta.Span[c];
            y.Span[i].ShouldBe((float)Math.Max(0, expected), 2e-6f);
        }

        y.CheckGuards();
    });

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(3, 7, 1)]
    [InlineData(2, 16, 1)]
    [InlineData(2, 77, 1)]
    [InlineData(1, 20000, 1)]
    [InlineData(2, 3, 5)]
    [InlineData(1, 300, 17)]
    [InlineData(3, 49, 600)]
    [InlineData(2, 1, 9)]
    public void Reduction_AllForms_EqualReference(int outer, int reduce, int inner) => SimdLevels.Each(() =>
    {
        using var x = new NativeFloats(outer * reduce * inner, 1, -1, 2);
        using var sums = new NativeFloats(outer * inner);
        using var highs = new NativeFloats(outer * inner);
        Reduction.Run<AddOperator<float>, float>(x.Pointer, sums.Pointer, outer, reduce, inner, 0f);
        Reduction.Run<MaximumOperator<float>, float>(x.Pointer, highs.Pointer, outer, reduce, inner, float.NegativeInfinity);
        int[] whole = x.Span.ToArray().Select(v => (int)(v * 1000)).ToArray();
        int[] products = new int[outer * inner];
        fixed (int* p = whole, q = products)
        {
            Reduction.Run<MultiplyOperator<int>, int>(p, q, outer, reduce, inner, 1);
        }

        for (int o = 0; o < outer; o++)
        {
            for (int i = 0; i < inner; i++)
            {
                double sum = 0;
                float high = float.NegativeInfinity;
                int product = 1;
                for (int r = 0; r < reduce; r++)
                {
                    int at = (o * reduce + r) * inner + i;
                    sum += x.Span[at];
                    high = Math.Max(high, x.Span[at]);
                    product = unchecked(product * whole[at]);
                }

                sums.Span[o * inner + i].ShouldBe((float)sum, (float)(1e-6 * Math.Abs(sum) + 4e-6));
                highs.Span[o * inner + i].ShouldBe(high);
                products[o * inner + i].ShouldBe(product);
            }
        }

        sums.CheckGuards();
    });

    [Fact]
    public void Reduction_NothingToReduce_GivesTheIdentityAndNaNWinsAMaximum() => SimdLevels.Each(() =>
    {
        using var y = new NativeFloats(6);
        Reduction.Run<AddOperator<float>, float>(null, y.Pointer, 2, 0, 3, 0f);
        y.Span.ToArray().ShouldBe(new float[6]);
        using var x = new NativeFloats(50, 1);
        x.Span[33] = float.NaN;
        Reduction.Run<MaximumOperator<float>, float>(x.Pointer, y.Pointer, 1, 50, 1, float.NegativeInfinity);
        float.IsNaN(y.Span[0]).ShouldBeTrue();
    });

    [Fact]
    public void LstmStep_AnyUnits_EqualsFormula() => SimdLevels.Each(() =>
    {
        foreach (int units in new[] { 1, 5, 16, 21, 64 })
        {
            int batch = 2;
            using var sums = new NativeFloats(batch * 4 * units, 1, -3, 3);
            using var before = new NativeFloats(batch * units, 2);
            using var cell = new NativeFloats(batch * units);
            using var output = new NativeFloats(batch * units);
            RecurrentKernel.LstmStep(sums.Pointer, LstmGates.Block, 1f, before.Pointer, cell.Pointer, output.Pointer, batch, units);
            for (int i = 0; i < batch * units; i++)
            {
                Span<float> z = sums.Span.Slice(i / units * 4 * units, 4 * units);
                int u = i % units;
                double c = Sigmoid(z[2 * units + u] + 1) * before.Span[i] + Sigmoid(z[u]) * Math.Tanh(z[units + u]);
                cell.Span[i].ShouldBe((float)c, 1e-6f);
                output.Span[i].ShouldBe((float)(Sigmoid(z[3 * units + u]) * Math.Tanh(c)), 1e-6f);
            }

            output.CheckGuards();
        }
    });

    [Fact]
    public void GruStep_AnyUnits_EqualsFormula() => SimdLevels.Each(() =>
    {
        foreach (int units in new[] { 1, 5, 16, 21, 64 })
        {
            using var x = new NativeFloats(2 * 3 * units, 1, -3, 3);
            using var s = new NativeFloats(2 * 3 * units, 2, -3, 3);
            using var state = new NativeFloats(2 * units, 3);
            using var output = new NativeFloats(2 * units);
            RecurrentKernel.GruStep(x.Pointer, s.Pointer, state.Pointer, output.Pointer, 2, units);
            for (int i = 0; i < 2 * units; i++)
            {
                int at = i / units * 3 * units + i % units;
                double z = Sigmoid(x.Span[at] + s.Span[at]);
                double r = Sigmoid(x.Span[at + units] + s.Span[at + units]);
                double n = Math.Tanh(x.Span[at + 2 * units] + r * s.Span[at + 2 * units]);
                output.Span[i].ShouldBe((float)(z * state.Span[i] + (1 - z) * n), 1e-6f);
            }

            output.CheckGuards();
        }
    });

    [Theory]
    [InlineData(2, 3, 5, 7, 4, 6)]
    [InlineData(1, 2, 33, 65, 16, 64)]
    [InlineData(1, 1, 600, 300, 8, 8)]
    public void Attention_HeadsInsideRows_EqualsReference(int batch, int heads, int queries, int keys, int size, int valueSize) => SimdLevels.Each(() =>
    {
        using var q = new NativeFloats(batch * queries * heads * size, 1);
        using var k = new NativeFloats(batch * keys * heads * size, 2);
        using var v = new NativeFloats(batch * keys * heads * valueSize, 3);
        using var mask = new NativeFloats(batch * keys, 4);
        using var y = new NativeFloats(batch * queries * heads * valueSize);
        var problem = new AttentionProblem
        {
            Batch = batch,
            Heads = heads,
            QueryLength = queries,
            KeyLength = keys,
            HeadSize = size,
            ValueSize = valueSize,
            Scale = 0.5f,
            Query = q.Pointer,
            QueryBatchStep = queries * heads * size,
            QueryHeadStep = size,
            QueryRowStep = heads * size,
            Key = k.Pointer,
            KeyBatchStep = keys * heads * size,
            KeyHeadStep = size,
            KeyRowStep = heads * size,
            Value = v.Pointer,
            ValueBatchStep = keys * heads * valueSize,
            ValueHeadStep = valueSize,
            ValueRowStep = heads * valueSize,
            Mask = mask.Pointer,
            MaskBatchStep = keys,
            Output = y.Pointer,
            OutputBatchStep = queries * heads * valueSize,
            OutputHeadStep = valueSize,
            OutputRowStep = heads * valueSize,
        };
        AttentionKernel.Run(problem);
        double[] scores = new double[keys];
        for (int b = 0; b < batch; b++)
        {
            for (int h = 0; h < heads; h++)
            {
                for (int i = 0; i < queries; i += 7)
                {
                    for (int j = 0; j < keys; j++)
                    {
                        double dot = 0;
                        for (int e = 0; e < size; e++)
                        {
                            dot += (double)q.Span[((b * queries + i) * heads + h) * size + e] * k.Span[((b * keys + j) * heads + h) * size + e];
                        }

                        scores[j] = Math.Exp(dot * 0.5 + mask.Span[b * keys + j]);
                    }

                    double total = scores.Sum();
                    for (int e = 0; e < valueSize; e++)
                    {
                        double expected = 0;
                        for (int j = 0; j < keys; j++)
                        {
                            expected += scores[j] / total * v.Span[((b * keys + j) * heads + h) * valueSize + e];
                        }

                        y.Span[((b * queries + i) * heads + h) * valueSize + e].ShouldBe((float)expected, 2e-6f);
                    }
                }
            }
        }

        y.CheckGuards();
    });

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));
}
