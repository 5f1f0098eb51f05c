using SharpServing.Tensors;

namespace SharpServing.Kernels.Tests;

public sealed class ElementwiseTests
{
    [Fact]
    public void Unary_AnyLength_EqualsScalarFormAlsoInPlace() => SimdLevels.Each(() =>
    {
        foreach (int length in new[] { 0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 100, 70000 })
        {
            float[] x = Numbers(length, 1);
            float[] y = new float[length];
            Elementwise.Unary<SquareOperator<float>, float>(x, y);
            y.ShouldBe(x.Select(v => v * v).ToArray());
            float[] inPlace = [.. x];
            Elementwise.Unary<SquareOperator<float>, float>(inPlace, inPlace);
            inPlace.ShouldBe(y);
            Half[] h = x.Select(v => (Half)v).ToArray();
            Half[] g = new Half[length];
            Elementwise.Unary<NegateOperator<Half>, Half>(h, g);
            g.ShouldBe(h.Select(v => -v).ToArray());
        }
    });

    [Fact]
    public void Binary_ScalarForms_EqualScalarLoop() => SimdLevels.Each(() =>
    {
        foreach (int length in new[] { 0, 1, 3, 8, 16, 17, 50, 66000 })
        {
            int[] a = Numbers(length, 1).Select(v => (int)(v * 100)).ToArray();
            int[] b = Numbers(length, 2).Select(v => (int)(v * 100)).ToArray();
            int[] z = new int[length];
            Elementwise.Binary<SubtractOperator<int>, int>(a, b, z);
            z.ShouldBe(a.Zip(b, (p, q) => p - q).ToArray());
            Elementwise.Binary<SubtractOperator<int>, int>([7], b, z);
            z.ShouldBe(b.Select(q => 7 - q).ToArray());
            Elementwise.Binary<SubtractOperator<int>, int>(a, [7], z);
            z.ShouldBe(a.Select(p => p - 7).ToArray());
        }

        int[] one = [5];
        Elementwise.Binary<SubtractOperator<int>, int>(one, [3], one);
        one[0].ShouldBe(2);
    });

    [Fact]
    public void Binary_WrongLength_Throws() =>
        Should.Throw<ArgumentException>(() => Elementwise.Binary<AddOperator<float>, float>(new float[3], new float[4], new float[4]));

    [Theory]
    [InlineData("2,3,4", "2,3,4")]
    [InlineData("2,3,4", "4")]
    [InlineData("2,3,4", "3,1")]
    [InlineData("3,1", "2,3,4")]
    [InlineData("2,1,4", "1,3,1")]
    [InlineData("5,1", "1,6")]
    [InlineData("1", "2,2")]
    [InlineData("", "2,2")]
    [InlineData("500,3", "3")]
    [InlineData("3", "500,3")]
    [InlineData("7,20,33", "20,1")]
    [InlineData("2,1,3,1,5,1,7", "4,1,2,1,6,1")]
    [InlineData("2,1,3,1,5,1,7,1,2,1,3", "1,2,1,2,1,2,1,2,1,2,1")]
    [InlineData("1,1", "1")]
    [InlineData("300,300", "300,1")]
    public void Binary_Broadcast_EqualsIndexArithmetic(string left, string right) => SimdLevels.Each(() =>
    {
        long[] da = Dimensions(left);
        long[] db = Dimensions(right);
        int rank = Math.Max(da.Length, db.Length);
        long[] dz = new long[rank];
        for (int i = 1; i <= rank; i++)
        {
            dz[^i] = Math.Max(i <= da.Length ? da[^i] : 1, i <= db.Length ? db[^i] : 1);
        }

        var (sa, sb, sz) = (new Shape(da), new Shape(db), new Shape(dz));
        float[] a = Numbers((int)sa.ElementCount, 3);
        float[] b = Numbers((int)sb.ElementCount, 4);
        float[] z = new float[sz.ElementCount];
        bool[] less = new bool[sz.ElementCount];
        Elementwise.Binary<SubtractOperator<float>, float>(a, sa, b, sb, z, sz);
        Elementwise.BinaryMap<LessMap, float, bool>(a, sa, b, sb, less, sz);
        for (int i = 0; i < z.Length; i++)
        {
            float x = a[Index(i, dz, da)];
            float y = b[Index(i, dz, db)];
            z[i].ShouldBe(x - y);
            less[i].ShouldBe(x < y);
        }
    });

    internal static float[] Numbers(int count, int seed, float low = -1, float high = 1)
    {
        var random = new Random(seed);
        float[] numbers = new float[count];
        for (int i = 0; i < count; i++)
        {
            numbers[i] = low + (high - low) * random.NextSingle();
        }

        return numbers;
    }

    private static long[] Dimensions(string text) =>
        text.Length == 0 ? [] : text.Split(',').Select(long.Parse).ToArray();

    private static long Index(long i, long[] result, long[] operand)
    {
        long index = 0;
        long stride = 1;
        for (int back = 1; back <= result.Length; back++)
        {
            long at = i % result[^back];
            i /= result[^back];
            if (back <= operand.Length)
            {
                index += operand[^back] == 1 ? 0 : at * stride;
                stride *= operand[^back];
            }
        }

        return index;
    }

    private readonly struct LessMap : IBinaryMap<float, bool>
    {
        public static bool Invoke(float x, float y) => x < y;
    }
}
