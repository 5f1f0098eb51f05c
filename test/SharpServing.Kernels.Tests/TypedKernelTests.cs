using System.Numerics;
using SharpServing.Tensors;

namespace SharpServing.Kernels.Tests;

public sealed unsafe class TypedKernelTests
{
    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public void TypedGemm_SmallWholeNumbers_AreExactInEveryType(bool transposeA, bool transposeB) => SimdLevels.Each(() =>
    {
        Check<float>(x => x, transposeA, transposeB);
        Check<double>(x => x, transposeA, transposeB);
        Check<Half>(x => (Half)x, transposeA, transposeB);
        Check<BFloat16>(x => (BFloat16)x, transposeA, transposeB);
        Check<int>(x => (int)x, transposeA, transposeB);
        Check<long>(x => (long)x, transposeA, transposeB);
        Check<ulong>(x => (ulong)(long)x, transposeA, transposeB);
        Check<short>(x => (short)x, transposeA, transposeB);
        Check<sbyte>(x => (sbyte)x, transposeA, transposeB);
        Check<Complex>(x => x, transposeA, transposeB);
        Check<Complex64>(x => new Complex64(x, 0), transposeA, transposeB);
    });

    [Fact]
    public void TypedGemm_ComplexWithConjugates_FollowsTheFormula()
    {
        Complex64 a = new(1, 2);
        Complex64 b = new(3, -5);
        Complex64 c;
        TypedGemm.Run(&a, 1, false, &b, 1, false, 1, 1, 1, &c, 1);
        c.ShouldBe(new Complex64(13, 1));
        TypedGemm.Run(&a, 1, true, &b, 1, false, 1, 1, 1, &c, 1, conjugateA: true);
        c.ShouldBe(new Complex64(-7, -11));
        TypedGemm.Run(&a, 1, false, &b, 1, true, 1, 1, 1, &c, 1, conjugateB: true);
        c.ShouldBe(new Complex64(-7, 11));
    }

    [Fact]
    public void TypedConvolution_SmallWholeNumbers_AreExactInEveryType()
    {
        var g = new WindowGeometry
        {
            Batch = 2,
            InputHeight = 6,
            InputWidth = 5,
            InputChannels = 4,
            OutputHeight = 3,
            OutputWidth = 5,
            OutputChannels = 6,
            KernelHeight = 3,
            KernelWidth = 3,
            StrideHeight = 2,
            PadTop = 1,
            PadLeft = 1,
        };
        int inputs = 2 * 6 * 5 * 4;
        int outputs = 2 * 3 * 5 * 6;
        float[] x = Whole(inputs, 1);
        float[] w = Whole(9 * 2 * 6, 2);
        float[] expected = new float[outputs];
        float[] operand = Whole(outputs, 3);
        float[] fullFilter = Whole(9 * 4 * 6, 4);
        float[] result = new float[inputs];
        WindowGeometry depthwise = g with { OutputChannels = 8 };
        float[] depthwiseFilter = Whole(9 * 8, 5);
        float[] depthwiseResult = new float[2 * 3 * 5 * 8];
        fixed (float* px = x, pw = w, pe = expected, po = operand, pf = fullFilter, pr = result, pdf = depthwiseFilter, pdr = depthwiseResult)
        {
            TypedConvolution.Conv2D(px, g, pw, 2, pe);
            TypedConvolution.Transposed(po, g, pf, pr);
            TypedConvolution.Depthwise(px, depthwise, pdf, pdr);
        }

        CheckConvolutions<double>(v => v);
        CheckConvolutions<Half>(v => (Half)v);
        CheckConvolutions<BFloat16>(v => (BFloat16)v);

        void CheckConvolutions<T>(Func<float, T> cast)
            where T : unmanaged
        {
            T[] tx = x.Select(cast).ToArray();
            T[] tw = w.Select(cast).ToArray();
            T[] actual = new T[outputs];
            T[] to = operand.Select(cast).ToArray();
            T[] tf = fullFilter.Select(cast).ToArray();
            T[] tr = new T[inputs];
            T[] tdf = depthwiseFilter.Select(cast).ToArray();
            T[] tdr = new T[depthwiseResult.Length];
            fixed (T* px = tx, pw = tw, pa = actual, po = to, pf = tf, pr = tr, pdf = tdf, pdr = tdr)
            {
                TypedConvolution.Conv2D(px, g, pw, 2, pa);
                TypedConvolution.Transposed(po, g, pf, pr);
                TypedConvolution.Depthwise(px, depthwise, pdf, pdr);
            }

            actual.ShouldBe(expected.Select(cast).ToArray());
            tr.ShouldBe(result.Select(cast).ToArray());
            tdr.ShouldBe(depthwiseResult.Select(cast).ToArray());
        }
    }

    [Fact]
    public void TypedPools_Double_EqualFloatKernels()
    {
        var g = new WindowGeometry
        {
            Batch = 1,
            InputHeight = 7,
            InputWidth = 6,
            InputChannels = 3,
            OutputHeight = 4,
            OutputWidth = 3,
            OutputChannels = 3,
            KernelHeight = 3,
            KernelWidth = 2,
            StrideHeight = 2,
            StrideWidth = 2,
            PadTop = 1,
        };
        using var x = new NativeFloats(7 * 6 * 3, 1);
        using var y = new NativeFloats(4 * 3 * 3);
        double[] dx = x.Span.ToArray().Select(v => (double)v).ToArray();
        double[] dy = new double[y.Length];
        fixed (double* px = dx, py = dy)
        {
            Pool2D.Max(x.Pointer, g, y.Pointer);
            TypedConvolution.MaxPool(px, g, py);
            dy.Select(v => (float)v).ToArray().ShouldBe(y.Span.ToArray());
            Pool2D.Average(x.Pointer, g, y.Pointer);
            TypedConvolution.AveragePool(px, g, py);
            for (int i = 0; i < dy.Length; i++)
            {
                y.Span[i].ShouldBe((float)dy[i], 1e-6f);
            }
        }
    }

    [Fact]
    public void FloatConvert_EveryHalfAndBFloat16_RoundTripsAlsoWithDenormalsOff()
    {
        using (ComputeMode.Enter())
        {
            Half[] halves = Enumerable.Range(0, 65536).Select(i => BitConverter.UInt16BitsToHalf((ushort)i)).ToArray();
            float[] wide = new float[halves.Length];
            Half[] back = new Half[halves.Length];
            FloatConvert.ToFloat(halves, wide);
            FloatConvert.FromFloat(wide, back);
            for (int i = 0; i < halves.Length; i++)
            {
                if (!Half.IsNaN(halves[i]))
                {
                    ((double)wide[i]).ShouldBe((double)halves[i]);
                    back[i].ShouldBe(halves[i]);
                }
                else
                {
                    Half.IsNaN(back[i]).ShouldBeTrue();
                }
            }
        }

        BFloat16[] brains = Enumerable.Range(0, 65536).Select(i => new BFloat16((ushort)i)).ToArray();
        float[] floats = new float[brains.Length];
        BFloat16[] again = new BFloat16[brains.Length];
        FloatConvert.ToFloat(brains, floats);
        FloatConvert.FromFloat(floats, again);
        for (int i = 0; i < brains.Length; i++)
        {
            if (!float.IsNaN(floats[i]))
            {
                again[i].ShouldBe(brains[i]);
            }
        }
    }

    [Fact]
    public void FloatConvert_AnyFloat_RoundsAsOneElementDoes()
    {
        var random = new Random(3);
        float[] values = [.. Enumerable.Range(0, 10_003).Select(_ => BitConverter.Int32BitsToSingle(random.Next(int.MinValue, int.MaxValue))), float.NaN, -float.NaN, float.MaxValue];
        BFloat16[] rounded = new BFloat16[values.Length];
        FloatConvert.FromFloat(values, rounded);
        rounded.ShouldBe(values.Select(value => (BFloat16)value).ToArray());
    }

    [Fact]
    public void Widened_UnaryAndBroadcastBinary_RoundOnce() => SimdLevels.Each(() =>
    {
        BFloat16[] x = ElementwiseTests.Numbers(2500, 1).Select(v => (BFloat16)v).ToArray();
        BFloat16[] y = new BFloat16[x.Length];
        Elementwise.UnaryWidened<SquareOperator<float>, BFloat16>(x, y);
        y.ShouldBe(x.Select(v => (BFloat16)((float)v * (float)v)).ToArray());
        Half[] a = ElementwiseTests.Numbers(12, 1).Select(v => (Half)v).ToArray();
        Half[] b = ElementwiseTests.Numbers(4, 2).Select(v => (Half)v).ToArray();
        Half[] c = new Half[12];
        Elementwise.BinaryWidened<AddOperator<float>, Half>(a, new Shape(3, 4), b, new Shape(4), c, new Shape(3, 4));
        for (int i = 0; i < 12; i++)
        {
            c[i].ShouldBe((Half)((float)a[i] + (float)b[i % 4]));
        }
    });

    private static float[] Whole(int count, int seed) => ElementwiseTests.Numbers(count, seed, -2.9f, 2.9f).Select(MathF.Truncate).ToArray();

    private static void Check<T>(Func<float, T> cast, bool transposeA, bool transposeB)
        where T : unmanaged
    {
        int m = 5;
        int n = 19;
        int k = 7;
        float[] a = Whole(m * k, 1);
        float[] b = Whole(k * n, 2);
        float[] expected = new float[m * n];
        for (int i = 0; i < m; i++)
        {
            for (int j = 0; j < n; j++)
            {
                for (int p = 0; p < k; p++)
                {
                    expected[i * n + j] += a[transposeA ? p * m + i : i * k + p] * b[transposeB ? j * k + p : p * n + j];
                }
            }
        }

        T[] ta = a.Select(cast).ToArray();
        T[] tb = b.Select(cast).ToArray();
        T[] actual = new T[m * n];
        fixed (T* pa = ta, pb = tb, pc = actual)
        {
            TypedGemm.Run(pa, transposeA ? m : k, transposeA, pb, transposeB ? k : n, transposeB, m, n, k, pc, n);
        }

        actual.ShouldBe(expected.Select(cast).ToArray());
    }
}
