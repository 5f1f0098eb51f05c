using System.Runtime.InteropServices;

namespace SharpServing.Kernels.Tests;

/// <summary>A native array with guard elements on both sides, which must not change.</summary>
internal sealed unsafe class NativeFloats : IDisposable
{
    private const int Guard = 64;
    private const float Mark = 12345.678f;
    private readonly float* _block;

    public NativeFloats(int count, int seed = 0, float low = -1, float high = 1)
    {
        Length = count;
        _block = (float*)NativeMemory.AlignedAlloc((nuint)(count + 2 * Guard) * sizeof(float), 64);
        new Span<float>(_block, count + 2 * Guard).Fill(Mark);
        ElementwiseTests.Numbers(count, seed, low, high).CopyTo(Span);
    }

    public int Length { get; }

    public float* Pointer => _block + Guard;

    public Span<float> Span => new(Pointer, Length);

    public void CheckGuards()
    {
        for (int i = 0; i < Guard; i++)
        {
            _block[i].ShouldBe(Mark, "before the array");
            _block[Guard + Length + i].ShouldBe(Mark, "behind the array");
        }
    }

    public void Dispose() => NativeMemory.AlignedFree(_block);
}
