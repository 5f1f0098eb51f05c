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
}
