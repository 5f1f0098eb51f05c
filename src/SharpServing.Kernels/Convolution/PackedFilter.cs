using SharpServing.Tensors;

namespace SharpServing.Kernels;

/// <summary>A convolution filter laid out once: per group a <see cref="PackedMatrix"/> of [kernel height * width * group input channels, group output channels].</summary>
public sealed unsafe class PackedFilter : IReferenceCounted
{
    private readonly PackedMatrix[] _groups;

    private PackedFilter(PackedMatrix[] groups)
    {
        _groups = groups;
        foreach (PackedMatrix group in groups)
        {
            ByteLength += group.ByteLength;
        }
    }

    /// <summary>Channel groups.</summary>
    public int Groups => _groups.Length;

    /// <summary>Native memory held.</summary>
    public long ByteLength { get; }

    internal PackedMatrix this[int group] => _groups[group];

    /// <summary>Lays out a filter; it is not needed afterwards.</summary>
    /// <param name="filter">[height, width, input channels / groups, output channels].</param>
    /// <param name="height">Kernel rows.</param>
    /// <param name="width">Kernel columns.</param>
    /// <param name="groupInputs">Input channels of one group.</param>
    /// <param name="outputs">Output channels of all groups.</param>
    /// <param name="groups">Output channel o sees the input channels of group o / (outputs / groups).</param>
    /// <param name="allocator">Source of the memory; the shared one by default.</param>
    public static PackedFilter Pack(
        float* filter, int height, int width, int groupInputs, int outputs, int groups = 1, TensorAllocator? allocator = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(groups, 1);
        int groupOutputs = outputs / groups;
        var matrices = new PackedMatrix[groups];
        for (int group = 0; group < groups; group++)
        {
            matrices[group] = PackedMatrix.Pack(
                filter + (long)group * groupOutputs, height * width * groupInputs, groupOutputs, outputs, transposed: false, allocator);
        }

        return new PackedFilter(matrices);
    }

    /// <summary>Lays out a filter for <see cref="Conv2DTransposed"/>: the matrix [output channels, height * width * input channels].</summary>
    /// <param name="filter">[height, width, input channels, output channels] of the convolution whose gradient is taken.</param>
    /// <param name="height">Kernel rows.</param>
    /// <param name="width">Kernel columns.</param>
    /// <param name="inputs">Channels of the result.</param>
    /// <param name="outputs">Channels of the operand.</param>
    /// <param name="allocator">Source of the memory; the shared one by default.</param>
    public static PackedFilter PackTransposed(float* filter, int height, int width, int inputs, int outputs, TensorAllocator? allocator = null) =>
        new([PackedMatrix.Pack(filter, outputs, height * width * inputs, outputs, transposed: true, allocator)]);

    /// <summary>The same filter laid out for inputs with more channels than it has: rare, made for one call.</summary>
    public PackedFilter Regroup(int height, int width, int groupInputs, int outputs, int groups)
    {
        TensorBuffer plain = TensorAllocator.Shared.Allocate((long)height * width * groupInputs * outputs * sizeof(float));
        try
        {
            Unpack((float*)plain.Address);
            return Pack((float*)plain.Address, height, width, groupInputs, outputs, groups);
        }
        finally
        {
            plain.Release();
        }
    }

    /// <summary>Writes a filter of one group as it was given to <see cref="Pack"/>.</summary>
    /// <param name="filter">Receives [height, width, input channels, output channels].</param>
    public void Unpack(float* filter)
    {
        if (_groups.Length != 1)
        {
            throw new InvalidOperationException("Only a filter of one group can be laid out again.");
        }

        _groups[0].Unpack(filter, _groups[0].Columns, transposed: false);
    }

    public void AddRef()
    {
        foreach (PackedMatrix group in _groups)
        {
            group.AddRef();
        }
    }

    public void Release()
    {
        foreach (PackedMatrix group in _groups)
        {
            group.Release();
        }
    }
}
