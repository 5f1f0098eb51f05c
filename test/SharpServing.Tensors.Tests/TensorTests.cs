namespace SharpServing.Tensors.Tests;

public sealed class TensorTests
{
    [Fact]
    public void Release_LastReference_GivesMemoryBack()
    {
        var allocator = new TensorAllocator();
        Tensor tensor = Tensor.Allocate(DType.Float, new Shape(1000, 1000), allocator, pooled: false);
        allocator.BytesInUse.ShouldBe(4_000_000);
        Tensor view = tensor.View(new Shape(1_000_000));

        tensor.Release();
        allocator.BytesInUse.ShouldBe(4_000_000);
        view.Release();
        allocator.BytesInUse.ShouldBe(0);
    }

    [Fact]
    public void Release_Twice_Throws()
    {
        Tensor tensor = Tensor.FromScalar(1f);
        tensor.Release();

        Should.Throw<InvalidOperationException>(tensor.Release);
    }

    [Fact]
    public void Allocate_BeyondALimit_IsResourceExhausted()
    {
        var allocator = new TensorAllocator { MaxBufferBytes = 1000, MaxTotalBytes = 1500 };
        TensorBuffer first = allocator.AllocateUnpooled(900);

        Should.Throw<StatusException>(() => allocator.AllocateUnpooled(1001)).Status.Code.ShouldBe(StatusCode.ResourceExhausted);
        Should.Throw<StatusException>(() => allocator.AllocateUnpooled(700)).Status.Code.ShouldBe(StatusCode.ResourceExhausted);
        allocator.BytesInUse.ShouldBe(900);
        first.Release();
        allocator.AllocateUnpooled(700).Release();
    }

    [Fact]
    public void Allocate_Pooled_ComesBackAndIsTrimmed()
    {
        var allocator = new TensorAllocator();
        TensorBuffer buffer = allocator.Allocate(100_000);
        buffer.Release();
        allocator.BytesPooled.ShouldBeGreaterThanOrEqualTo(100_000);
        allocator.Allocate(100_000).ShouldBeSameAs(buffer);

        buffer.Release();
        allocator.Trim();
        allocator.BytesPooled.ShouldBe(0);
        allocator.Leaks.ShouldBe(0);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(127)]
    [InlineData(129)]
    [InlineData(5_000)]
    [InlineData(300_000)]
    public unsafe void Allocate_AnySize_IsAligned(int bytes)
    {
        TensorBuffer buffer = TensorAllocator.Shared.Allocate(bytes);
        ((nuint)buffer.Address % 64).ShouldBe((nuint)0);
        buffer.Capacity.ShouldBeGreaterThanOrEqualTo(bytes);
        buffer.Release();
    }

    [Fact]
    public void StringTensor_Elements_ComeOutAsTheyWent()
    {
        var builder = new StringTensorBuilder(new Shape(2, 2));
        builder.Append("ab"u8);
        builder.Append([]);
        builder.Append([0xff, 0]);
        Tensor tensor = builder.Finish();

        tensor.Text(0).ShouldBe("ab");
        tensor.String(1).Length.ShouldBe(0);
        tensor.String(2).ToArray().ShouldBe([0xff, 0]);
        tensor.String(3).Length.ShouldBe(0);
        tensor.ByteLength.ShouldBe(4);
        tensor.Release();
    }

    [Theory]
    [InlineData(1f, 0x3f80)]
    [InlineData(1.00390625f, 0x3f80)]
    [InlineData(1.01171875f, 0x3f82)]
    [InlineData(float.NaN, 0xffc0)]
    [InlineData(float.PositiveInfinity, 0x7f80)]
    public void BFloat16_FromFloat_RoundsToNearestEven(float value, int bits) => ((BFloat16)value).Bits.ShouldBe((ushort)bits);

    [Fact]
    public void StatusText_BytesThatAreNoUtf8_ComeOutAgain()
    {
        byte[] bytes = [.. "a\u00e9"u8, 0xff, 0x80, .. "\U0001F600"u8];

        StatusText.ToBytes(StatusText.FromBytes(bytes)).ShouldBe(bytes);
    }

    [Fact]
    public void Recycle_LastReference_ObjectServesALaterTensor()
    {
        Tensor first = Tensor.FromArray<float>([1, 2, 3], new Shape(3));
        first.Recycle();

        Tensor second = Tensor.FromArray<long>([7, 8], new Shape(2, 1));

        second.ShouldBeSameAs(first);
        second.DType.ShouldBe(DType.Int64);
        second.Shape.ShouldBe(new Shape(2, 1));
        second.Span<long>().ToArray().ShouldBe([7L, 8]);
        second.IsUnique.ShouldBeTrue();
        second.Release();
        Should.Throw<InvalidOperationException>(second.Release);
    }

    [Fact]
    public void Recycle_HeldElsewhere_LeavesTheTensorAlone()
    {
        Tensor tensor = Tensor.FromArray<float>([1, 2], new Shape(2));
        tensor.AddRef();
        tensor.Recycle();
        Tensor other = Tensor.FromScalar(5f);

        other.ShouldNotBeSameAs(tensor);
        tensor.Span<float>().ToArray().ShouldBe([1f, 2]);
        tensor.Release();
        other.Release();
    }
}
