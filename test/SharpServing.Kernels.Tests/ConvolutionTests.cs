namespace SharpServing.Kernels.Tests;

public sealed unsafe class ConvolutionTests
{
    [Fact]
    public void Conv2D_RandomGeometry_EqualsReference() => SimdLevels.Each(() =>
    {
        var random = new Random(7);
        for (int round = 0; round < 50; round++)
        {
            CheckConv2D(random, Geometry(random, round < 10 ? 1 : 0), round % 3 == 2 ? random.Next(2, 4) : 1, round % 4);
        }

        CheckConv2D(random, Make(2, 9, 9, 48, 9, 9, 80, 3, 1, 1), 1, 3);      // several depth slices
        CheckConv2D(random, Make(1, 30, 30, 3, 15, 15, 33, 7, 2, 3), 1, 2);   // stem
    });

    [Fact]
    public void Conv2D_Parallel_EqualsReference()
    {
        using var pool = new WorkerPool(3);
        WorkerPool? before = WorkerPool.Use(pool);
        try
        {
            CheckConv2D(new Random(1), Make(2, 20, 20, 32, 20, 20, 96, 3, 1, 1), 1, 2);
            CheckConv2D(new Random(2), Make(1, 7, 7, 64, 7, 7, 256, 3, 1, 1), 1, 3);
            CheckDepthwise(new Random(3), Make(1, 40, 40, 64, 40, 40, 64, 3, 1, 1), 1);
        }
        finally
        {
            WorkerPool.Use(before);
        }
    }

    [Fact]
    public void DepthwiseConv2D_RandomGeometry_EqualsReference() => SimdLevels.Each(() =>
    {
        var random = new Random(8);
        for (int round = 0; round < 50; round++)
        {
            int multiplier = round % 4 == 3 ? 3 : 1;
            WindowGeometry g = Geometry(random, 0) with { InputChannels = random.Next(1, 80) };
            CheckDepthwise(random, g with { OutputChannels = g.InputChannels * multiplier }, multiplier);
        }

        CheckDepthwise(random, Make(1, 14, 14, 96, 7, 7, 96, 3, 2, 0), 1);
        CheckDepthwise(random, Make(2, 12, 12, 33, 12, 12, 33, 3, 1, 1), 1);
    });

    [Fact]
    public void Conv2DTransposed_RandomGeometry_EqualsReference() => SimdLevels.Each(() =>
    {
        var random = new Random(9);
        for (int round = 0; round < 40; round++)
        {
            WindowGeometry g = Geometry(random, 0);
            using var operand = new NativeFloats((int)g.OutputPixels * g.OutputChannels, 1);
            using var filter = new NativeFloats(g.KernelHeight * g.KernelWidth * g.InputChannels * g.OutputChannels, 2);
            using var bias = new NativeFloats(g.InputChannels, 3);
            using var result = new NativeFloats(g.Batch * g.InputHeight * g.InputWidth * g.InputChannels, 4);
            double[] expected = new double[result.Length];
            for (int i = 0; i < expected.Length; i++)
            {
                expected[i] = bias.Span[i % g.InputChannels];
            }

            ForEachTap(g, (outputPixel, inputPixel, tap) =>
            {
                for (int c = 0; c < g.InputChannels; c++)
                {
                    for (int o = 0; o < g.OutputChannels; o++)
                    {
                        expected[inputPixel * g.InputChannels + c] += (double)operand.Pointer[outputPixel * g.OutputChannels + o]
                            * filter.Pointer[(tap * g.InputChannels + c) * g.OutputChannels + o];
                    }
                }
            });
            PackedFilter packed = PackedFilter.PackTransposed(filter.Pointer, g.KernelHeight, g.KernelWidth, g.InputChannels, g.OutputChannels);
            Conv2DTransposed.Run(operand.Pointer, g, packed, result.Pointer, new Epilogue { Bias = bias.Pointer, Activation = Activation.Relu });
            packed.Release();
            Compare(result, expected.Select(v => Math.Max(v, 0)).ToArray(), g);
        }
    });

    [Fact]
    public void Pool2D_RandomGeometry_EqualsReference() => SimdLevels.Each(() =>
    {
        var random = new Random(10);
        for (int round = 0; round < 40; round++)
        {
            WindowGeometry g = Geometry(random, 0);
            g = g with { InputChannels = random.Next(1, 40), PadTop = Math.Min(g.PadTop, g.KernelHeight - 1), PadLeft = Math.Min(g.PadLeft, g.KernelWidth - 1), DilationHeight = 1, DilationWidth = 1 };
            g = g with
            {
                OutputChannels = g.InputChannels,
                OutputHeight = (g.InputHeight + g.PadTop - 1) / g.StrideHeight + 1,
                OutputWidth = (g.InputWidth + g.PadLeft - 1) / g.StrideWidth + 1,
            };
            using var input = new NativeFloats(g.Batch * g.InputHeight * g.InputWidth * g.InputChannels, 1);
            using var output = new NativeFloats((int)g.OutputPixels * g.OutputChannels, 2);
            double[] sums = new double[output.Length];
            double[] counts = new double[output.Length];
            double[] highest = new double[output.Length];
            Array.Fill(highest, float.MinValue);
            ForEachTap(g, (outputPixel, inputPixel, _) =>
            {
                for (int c = 0; c < g.InputChannels; c++)
                {
                    float value = input.Pointer[inputPixel * g.InputChannels + c];
                    sums[outputPixel * g.InputChannels + c] += value;
                    counts[outputPixel * g.InputChannels + c]++;
                    highest[outputPixel * g.InputChannels + c] = Math.Max(highest[outputPixel * g.InputChannels + c], value);
                }
            });
            Pool2D.Max(input.Pointer, g, output.Pointer);
            Compare(output, highest, g);
            Pool2D.Average(input.Pointer, g, output.Pointer);
            Compare(output, sums.Zip(counts, (s, n) => s / n).ToArray(), g);
        }
    });

    [Fact]
    public void Pool2D_MaxOfNaNAndInfinity_StartsAtLowest() => SimdLevels.Each(() =>
    {
        using var input = new NativeFloats(4 * 17);
        using var output = new NativeFloats(17);
        WindowGeometry g = Make(1, 2, 2, 17, 1, 1, 17, 2, 1, 0);
        input.Span.Fill(float.NaN);
        input.Span[17 + 3] = 5;
        input.Span[34 + 4] = float.NegativeInfinity;
        Pool2D.Max(input.Pointer, g, output.Pointer);
        for (int c = 0; c < 17; c++)
        {
            output.Span[c].ShouldBe(c == 3 ? 5 : float.MinValue);
        }
    });

    private static void CheckConv2D(Random random, WindowGeometry g, int groups, int epilogueForm)
    {
        g = g with { InputChannels = g.InputChannels * groups, OutputChannels = g.OutputChannels * groups };
        int groupInputs = g.InputChannels / groups;
        int groupOutputs = g.OutputChannels / groups;
        using var input = new NativeFloats(g.Batch * g.InputHeight * g.InputWidth * g.InputChannels, 1);
        using var filter = new NativeFloats(g.KernelHeight * g.KernelWidth * groupInputs * g.OutputChannels, 2);
        using var bias = new NativeFloats(g.OutputChannels, 3);
        using var output = new NativeFloats((int)g.OutputPixels * g.OutputChannels, 4);
        using var residual = new NativeFloats(output.Length, 5);
        double[] expected = new double[output.Length];
        ForEachTap(g, (outputPixel, inputPixel, tap) =>
        {
            for (int o = 0; o < g.OutputChannels; o++)
            {
                int group = o / groupOutputs;
                for (int c = 0; c < groupInputs; c++)
                {
                    expected[outputPixel * g.OutputChannels + o] += (double)input.Pointer[inputPixel * g.InputChannels + group * groupInputs + c]
                        * filter.Pointer[(tap * groupInputs + c) * g.OutputChannels + o];
                }
            }
        });
        for (int i = 0; i < expected.Length; i++)
        {
            expected[i] += (epilogueForm >= 1 ? bias.Span[i % g.OutputChannels] : 0) + (epilogueForm >= 2 ? residual.Span[i] : 0);
            expected[i] = epilogueForm == 3 ? Math.Max(expected[i], 0) : expected[i];
        }

        PackedFilter packed = PackedFilter.Pack(filter.Pointer, g.KernelHeight, g.KernelWidth, groupInputs, g.OutputChannels, groups);
        Conv2D.Run(input.Pointer, g, packed, output.Pointer, new Epilogue
        {
            Bias = epilogueForm >= 1 ? bias.Pointer : null,
            Residual = epilogueForm >= 2 ? residual.Pointer : null,
            Activation = epilogueForm == 3 ? Activation.Relu : Activation.None,
        });
        packed.Release();
        Compare(output, expected, g);
    }

    private static void CheckDepthwise(Random random, WindowGeometry g, int multiplier)
    {
        using var input = new NativeFloats(g.Batch * g.InputHeight * g.InputWidth * g.InputChannels, 1);
        using var filter = new NativeFloats(g.KernelHeight * g.KernelWidth * g.OutputChannels, 2);
        using var bias = new NativeFloats(g.OutputChannels, 3);
        using var output = new NativeFloats((int)g.OutputPixels * g.OutputChannels, 4);
        double[] expected = new double[output.Length];
        bool hasBias = random.Next(2) == 0;
        for (int i = 0; i < expected.Length; i++)
        {
            expected[i] = hasBias ? bias.Span[i % g.OutputChannels] : 0;
        }

        ForEachTap(g, (outputPixel, inputPixel, tap) =>
        {
            for (int o = 0; o < g.OutputChannels; o++)
            {
                expected[outputPixel * g.OutputChannels + o] +=
                    (double)input.Pointer[inputPixel * g.InputChannels + o / multiplier] * filter.Pointer[tap * g.OutputChannels + o];
            }
        });
        DepthwiseConv2D.Run(input.Pointer, g, filter.Pointer, output.Pointer, new Epilogue
        {
            Bias = hasBias ? bias.Pointer : null,
            Activation = Activation.Relu6,
        });
        Compare(output, expected.Select(v => Math.Clamp(v, 0, 6)).ToArray(), g);
    }

    private static WindowGeometry Geometry(Random random, int kernel)
    {
        int kh = kernel > 0 ? kernel : random.Next(1, 5);
        int kw = kernel > 0 ? kernel : random.Next(1, 5);
        int dh = random.Next(1, 3);
        int dw = random.Next(1, 3);
        int sh = random.Next(1, 4);
        int sw = random.Next(1, 4);
        int pt = random.Next(0, kh + 1);
        int pl = random.Next(0, kw + 1);
        int height = random.Next(1, 13);
        int width = random.Next(1, 13);
        int padBottom = random.Next(0, 2) + (kh - 1) * dh;
        int padRight = random.Next(0, 2) + (kw - 1) * dw;
        return new WindowGeometry
        {
            Batch = random.Next(1, 3),
            InputHeight = height,
            InputWidth = width,
            InputChannels = random.Next(1, 21),
            KernelHeight = kh,
            KernelWidth = kw,
            DilationHeight = dh,
            DilationWidth = dw,
            StrideHeight = sh,
            StrideWidth = sw,
            PadTop = pt,
            PadLeft = pl,
            OutputHeight = (height + pt + padBottom - (kh - 1) * dh - 1) / sh + 1,
            OutputWidth = (width + pl + padRight - (kw - 1) * dw - 1) / sw + 1,
            OutputChannels = random.Next(1, 50),
        };
    }

    private static WindowGeometry Make(int batch, int h, int w, int c, int oh, int ow, int o, int kernel, int stride, int pad) => new()
    {
        Batch = batch,
        InputHeight = h,
        InputWidth = w,
        InputChannels = c,
        OutputHeight = oh,
        OutputWidth = ow,
        OutputChannels = o,
        KernelHeight = kernel,
        KernelWidth = kernel,
        StrideHeight = stride,
        StrideWidth = stride,
        PadTop = pad,
        PadLeft = pad,
    };

    private static void ForEachTap(WindowGeometry g, Action<int, int, int> visit)
    {
        for (int b = 0; b < g.Batch; b++)
        {
            for (int y = 0; y < g.OutputHeight; y++)
            {
                for (int x = 0; x < g.OutputWidth; x++)
                {
                    for (int ky = 0; ky < g.KernelHeight; ky++)
                    {
                        for (int kx = 0; kx < g.KernelWidth; kx++)
                        {
                            int row = y * g.StrideHeight - g.PadTop + ky * g.DilationHeight;
                            int column = x * g.StrideWidth - g.PadLeft + kx * g.DilationWidth;
                            if (row >= 0 && row < g.InputHeight && column >= 0 && column < g.InputWidth)
                            {
                                visit((b * g.OutputHeight + y) * g.OutputWidth + x, (b * g.InputHeight + row) * g.InputWidth + column, ky * g.KernelWidth + kx);
                            }
                        }
                    }
                }
            }
        }
    }

    private static void Compare(NativeFloats actual, double[] expected, WindowGeometry g)
    {
        for (int i = 0; i < expected.Length; i++)
        {
            if (!(Math.Abs(actual.Span[i] - expected[i]) <= 2e-5 * (1 + Math.Abs(expected[i]))))
            {
                actual.Span[i].ShouldBe((float)expected[i], $"at {i} of {g}");
            }
        }

        actual.CheckGuards();
    }
}
