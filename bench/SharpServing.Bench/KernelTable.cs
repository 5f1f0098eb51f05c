using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using SharpServing.Kernels;

namespace SharpServing.Bench;

/// <summary>
/// One table of kernel speeds, best of many short rounds: the least disturbed by whatever else runs.
/// <c>dotnet run -c Release --project bench/SharpServing.Bench -- kernels [threads]</c>.
/// </summary>
internal static unsafe class KernelTable
{
    private static readonly double RoundSeconds = 0.3;

    public static void Print(int threads)
    {
        WorkerPool.Shared.Degree = threads;
        using ComputeMode mode = ComputeMode.Enter();
        Console.WriteLine($"threads {threads}, {Simd.Level}");
        Console.WriteLine("| kernel | microseconds | rate |");
        Console.WriteLine("|---|---|---|");
        (int M, int K, int N)[] products =
        [
            (1024, 1024, 1024), (64, 768, 768), (128, 768, 3072), (197, 384, 1536), (8, 2048, 1000), (1, 768, 768), (512, 128, 64),
        ];
        foreach ((int m, int k, int n) in products)
        {
            Product(m, k, n);
        }

        Convolution(224, 3, 64, 7, 2, 3);
        Convolution(56, 64, 64, 3, 1, 1);
        Convolution(14, 256, 256, 3, 1, 1);
        Convolution(7, 512, 512, 3, 1, 1);
        Convolution(28, 128, 512, 1, 1, 0);
        Convolution(128, 16, 16, 3, 1, 1);
        Depthwise(112, 32);
        Depthwise(14, 384);
        Rows(128, 768);
        Elements(98304);
    }

    private static void Product(int m, int k, int n)
    {
        float* a = Numbers((long)m * k);
        float* b = Numbers((long)k * n);
        float* c = Numbers((long)m * n);
        PackedMatrix packed = PackedMatrix.Pack(b, k, n, n, transposed: false);
        Flops($"product {m}x{k}x{n}", Time(() => Gemm.Run(a, k, false, m, packed, c, n)), 2.0 * m * n * k);
        packed.Release();
        Free(a, b, c);
    }

    private static void Convolution(int size, int inputs, int outputs, int kernel, int stride, int pad)
    {
        WindowGeometry g = Window(size, inputs, outputs, kernel, stride, pad);
        float* x = Numbers((long)size * size * inputs);
        float* w = Numbers((long)kernel * kernel * inputs * outputs);
        float* y = Numbers((long)g.OutputHeight * g.OutputWidth * outputs);
        PackedFilter filter = PackedFilter.Pack(w, kernel, kernel, inputs, outputs);
        Flops(
            $"convolution {size}x{size}x{inputs} to {outputs}, {kernel}x{kernel}/{stride}",
            Time(() => Conv2D.Run(x, g, filter, y)),
            2.0 * g.OutputHeight * g.OutputWidth * outputs * kernel * kernel * inputs);
        filter.Release();
        Free(x, w, y);
    }

    private static void Depthwise(int size, int channels)
    {
        WindowGeometry g = Window(size, channels, channels, 3, 1, 1);
        float* x = Numbers((long)size * size * channels);
        float* w = Numbers(9L * channels);
        float* y = Numbers((long)size * size * channels);
        Flops($"depthwise {size}x{size}x{channels}, 3x3", Time(() => DepthwiseConv2D.Run(x, g, w, y)), 18.0 * size * size * channels);
        Free(x, w, y);
    }

    private static void Rows(int rows, int columns)
    {
        float* x = Numbers((long)rows * columns);
        float* y = Numbers((long)rows * columns);
        long count = (long)rows * columns;
        Elements($"softmax {rows}x{columns}", Time(() => SoftmaxKernel.Softmax(x, y, rows, columns)), count);
        Elements($"sum of rows {rows}x{columns}", Time(() => Reduction.Run<AddOperator<float>, float>(x, y, rows, columns, 1, 0f)), count);
        Free(x, y);
    }

    private static void Elements(int count)
    {
        float* x = Numbers(count);
        float* y = Numbers(count);
        float* z = Numbers(count);
        Elements("add", Time(() => Elementwise.Binary<AddOperator<float>, float>(new(x, count), new(y, count), new(z, count))), count);
        Elements("exp", Time(() => VectorMath.Exp(new(x, count), new(z, count))), count);
        Elements("tanh", Time(() => VectorMath.Tanh(new(x, count), new(z, count))), count);
        Elements("sigmoid", Time(() => VectorMath.Sigmoid(new(x, count), new(z, count))), count);
        Elements("gelu (erf)", Time(() => VectorMath.GeluErf(new(x, count), new(z, count))), count);
        Free(x, y, z);
    }

    private static WindowGeometry Window(int size, int inputs, int outputs, int kernel, int stride, int pad)
    {
        int result = (size + 2 * pad - kernel) / stride + 1;
        return new WindowGeometry
        {
            Batch = 1,
            InputHeight = size,
            InputWidth = size,
            InputChannels = inputs,
            OutputHeight = result,
            OutputWidth = result,
            OutputChannels = outputs,
            KernelHeight = kernel,
            KernelWidth = kernel,
            StrideHeight = stride,
            StrideWidth = stride,
            PadTop = pad,
            PadLeft = pad,
        };
    }

    private static void Flops(string name, double seconds, double flops) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {name} | {seconds * 1e6:F1} | {flops / seconds / 1e9:F0} GFLOP/s |"));

    private static void Elements(string name, double seconds, long count) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {name}, {count} elements | {seconds * 1e6:F1} | {count / seconds / 1e9:F1} G/s |"));

    private static double Time(Action action)
    {
        action();
        long start = Stopwatch.GetTimestamp();
        action();
        int inner = (int)Math.Max(1, 0.002 / Math.Max(Stopwatch.GetElapsedTime(start).TotalSeconds, 1e-7));
        double best = double.MaxValue;
        long began = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(began).TotalSeconds < RoundSeconds)
        {
            start = Stopwatch.GetTimestamp();
            for (int i = 0; i < inner; i++)
            {
                action();
            }

            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds / inner);
        }

        return best;
    }

    private static float* Numbers(long count)
    {
        var numbers = (float*)NativeMemory.AlignedAlloc((nuint)count * sizeof(float), 64);
        var random = new Random(1);
        for (long i = 0; i < count; i++)
        {
            numbers[i] = random.NextSingle() - 0.5f;
        }

        return numbers;
    }

    private static void Free(params ReadOnlySpan<nint> blocks)
    {
        foreach (nint block in blocks)
        {
            NativeMemory.AlignedFree((void*)block);
        }
    }

    private static void Free(float* a, float* b) => Free((nint)a, (nint)b);

    private static void Free(float* a, float* b, float* c) => Free((nint)a, (nint)b, (nint)c);

    private static void Free(float* a, float* b, float* c, float* d) => Free((nint)a, (nint)b, (nint)c, (nint)d);
}
