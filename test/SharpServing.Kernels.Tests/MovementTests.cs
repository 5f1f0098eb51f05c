using System.Numerics;

namespace SharpServing.Kernels.Tests;

public sealed unsafe class MovementTests
{
    [Fact]
    public void Transpose_RandomPermutations_EqualIndexArithmetic() => SimdLevels.Each(() =>
    {
        var random = new Random(1);
        for (int round = 0; round < 120; round++)
        {
            int rank = random.Next(0, 6);
            long[] dimensions = Enumerable.Range(0, rank).Select(_ => (long)random.Next(1, rank <= 2 ? 50 : 9)).ToArray();
            int[] permutation = Enumerable.Range(0, rank).ToArray();
            random.Shuffle(permutation);
            switch (round % 5)
            {
                case 0:
                    CheckTranspose<byte>(dimensions, permutation);
                    break;
                case 1:
                    CheckTranspose<short>(dimensions, permutation);
                    break;
                case 2:
                    CheckTranspose<int>(dimensions, permutation);
                    break;
                case 3:
                    CheckTranspose<long>(dimensions, permutation);
                    break;
                default:
                    CheckTranspose<Complex>(dimensions, permutation);
                    break;
            }
        }

        CheckTranspose<int>([2, 3, 0], [2, 1, 0]);
        CheckTranspose<int>([70, 3, 100], [1, 2, 0]);
    });

    [Fact]
    public void Transpose_Parallel_EqualsIndexArithmetic()
    {
        using var pool = new WorkerPool(3);
        WorkerPool? before = WorkerPool.Use(pool);
        try
        {
            CheckTranspose<int>([40, 30, 20, 16], [0, 2, 1, 3]);
            CheckTranspose<int>([40, 30, 20, 16], [1, 3, 0, 2]);
        }
        finally
        {
            WorkerPool.Use(before);
        }
    }

    [Fact]
    public void StridedCopy_Concatenation_PutsRunsSideBySide()
    {
        int[] a = Enumerable.Range(0, 12).ToArray();
        int[] b = Enumerable.Range(100, 4).ToArray();
        int[] y = new int[16];
        fixed (int* pa = a, pb = b, py = y)
        {
            StridedCopy.Run(pa, 12, py, 16, 4, 12);
            StridedCopy.Run(pb, 4, py + 3, 16, 4, 4);
        }

        y.ShouldBe([0, 1, 2, 100, 3, 4, 5, 101, 6, 7, 8, 102, 9, 10, 11, 103]);
    }

    [Theory]
    [InlineData(0, 8)]
    [InlineData(3, 0)]
    public void StridedCopy_NothingToCopy_TouchesNothing(long rows, long rowBytes) => StridedCopy.Run(null, rowBytes, null, rowBytes, rows, rowBytes);

    [Fact]
    public void Gather_Rows_AndRangeCheck()
    {
        float[] table = Enumerable.Range(0, 2 * 5 * 3).Select(i => (float)i).ToArray();
        long[] indices = [4, 0, 2, 2];
        float[] y = new float[2 * 4 * 3];
        GatherKernel.FindOutOfRange<long>(indices, 5).ShouldBe(-1);
        GatherKernel.FindOutOfRange<long>(indices, 4).ShouldBe(0);
        GatherKernel.FindOutOfRange<int>([1, 2, -1], 5).ShouldBe(2);
        fixed (float* pt = table, py = y)
        fixed (long* pi = indices)
        {
            GatherKernel.Rows(pt, 2, 5, 12, pi, 4, py);
        }

        for (int i = 0; i < y.Length; i++)
        {
            y[i].ShouldBe(i / 12 * 15 + indices[i / 3 % 4] * 3 + i % 3);
        }
    }

    private static void CheckTranspose<T>(long[] dimensions, int[] permutation)
        where T : unmanaged, INumberBase<T>
    {
        int rank = dimensions.Length;
        long[] result = permutation.Select(p => dimensions[p]).ToArray();
        int total = (int)dimensions.Aggregate(1L, (x, y) => x * y);
        T[] source = Enumerable.Range(0, total).Select(T.CreateTruncating).ToArray();
        T[] target = new T[total + 1];
        T guard = T.CreateTruncating(77);
        target[total] = guard;
        fixed (T* s = source, t = target)
        {
            TransposeKernel.Run(s, t, dimensions, permutation, sizeof(T));
        }

        target[total].ShouldBe(guard);
        long[] index = new long[rank];
        for (int i = 0; i < total; i++)
        {
            long rest = i;
            for (int d = rank - 1; d >= 0; d--)
            {
                index[permutation[d]] = rest % result[d];
                rest /= result[d];
            }

            long from = 0;
            for (int d = 0; d < rank; d++)
            {
                from = from * dimensions[d] + index[d];
            }

            if (target[i] != source[from])
            {
                target[i].ShouldBe(source[from], $"[{string.Join(',', dimensions)}] by [{string.Join(',', permutation)}] at {i}");
            }
        }
    }
}
