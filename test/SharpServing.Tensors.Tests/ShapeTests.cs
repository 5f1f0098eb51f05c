namespace SharpServing.Tensors.Tests;

public sealed class ShapeTests
{
    [Theory]
    [InlineData(new long[0], 1, "[]")]
    [InlineData(new long[] { 2, 3 }, 6, "[2,3]")]
    [InlineData(new long[] { 2, 0, 4 }, 0, "[2,0,4]")]
    [InlineData(new long[] { 1, 1, 1, 1, 1, 1, 1, 1, 2 }, 2, "[1,1,1,1,1,1,1,1,2]")]
    public void New_Dimensions_CountsAndPrints(long[] dimensions, long count, string text)
    {
        var shape = new Shape(dimensions);

        shape.ElementCount.ShouldBe(count);
        shape.ToString().ShouldBe(text);
        shape.Dimensions.ToArray().ShouldBe(dimensions);
        (shape == new Shape(dimensions)).ShouldBeTrue();
    }

    [Fact]
    public void Default_IsAScalar() => default(Shape).ElementCount.ShouldBe(1);

    [Theory]
    [InlineData(new long[] { -1 })]
    [InlineData(new[] { 1L << 40, 1L << 40, 0 })]
    [InlineData(new[] { long.MaxValue, 2 })]
    public void TryCreate_NegativeOrTooLarge_Refuses(long[] dimensions) => Shape.TryCreate(dimensions, out _).ShouldBeFalse();

    [Fact]
    public void TryCreate_MoreThan254Dimensions_Refuses() => Shape.TryCreate(new long[255], out _).ShouldBeFalse();
}
