using System.Runtime.CompilerServices;

namespace SharpServing.Kernels;

/// <summary>
/// General permutation of dimensions, for any element size. Dimensions of size 1 are dropped and neighbours that stay together merged;
/// then either whole runs are copied (the last dimension stays last), or planes are transposed in blocks.
/// </summary>
public static unsafe class TransposeKernel
{
    private const int MaximumRank = 254;
    private const long TileBytes = 128 * 1024;

    /// <summary>target[i_perm[0], i_perm[1], …] = source[i_0, i_1, …].</summary>
    /// <param name="source">Elements of shape <paramref name="dimensions"/>.</param>
    /// <param name="target">Elements of the permuted shape: dimension d of the target is dimension perm[d] of the source. No overlap.</param>
    /// <param name="dimensions">Shape of the source.</param>
    /// <param name="permutation">A permutation of its dimensions.</param>
    /// <param name="elementSize">Bytes.</param>
    public static void Run(void* source, void* target, ReadOnlySpan<long> dimensions, ReadOnlySpan<int> permutation, int elementSize)
    {
        if (dimensions.Length > MaximumRank || permutation.Length != dimensions.Length)
        {
            throw new ArgumentException("The permutation has another rank than the shape.", nameof(permutation));
        }

        Span<long> sizes = stackalloc long[dimensions.Length + 1];
        Span<long> sourceStrides = stackalloc long[dimensions.Length + 1];
        int rank = Simplify(dimensions, permutation, sizes, sourceStrides, out long total);
        if (total == 0)
        {
            return;
        }

        // Dimensions in the order of the target, innermost last.
        Span<long> targetStrides = stackalloc long[dimensions.Length + 1];
        long stride = 1;
        for (int d = rank - 1; d >= 0; d--)
        {
            targetStrides[d] = stride;
            stride *= sizes[d];
        }

        if (rank == 0 || (rank == 1 && sourceStrides[0] == 1))
        {
            Buffer.MemoryCopy(source, target, total * elementSize, total * elementSize);
            return;
        }

        var plan = new Plan { Source = (byte*)source, Target = (byte*)target, ElementSize = elementSize };
        int plane = rank - 1;
        if (sourceStrides[rank - 1] == 1)
        {
            plan.RunBytes = sizes[rank - 1] * elementSize;
            plane = -1;
        }
        else
        {
            // The dimension that is innermost in the source.
            for (int d = 0; d < rank; d++)
            {
                if (sourceStrides[d] == 1)
                {
                    plane = d;
                }
            }

            plan.Rows = (nint)sizes[rank - 1];
            plan.Columns = (nint)sizes[plane];
            plan.SourceStride = (nint)sourceStrides[rank - 1];
            plan.TargetStride = (nint)targetStrides[plane];
        }

        // The remaining dimensions, outermost first, for the odometer.
        Span<long> loop = stackalloc long[3 * rank];
        int outer = 0;
        long repeats = 1;
        for (int d = 0; d < rank - 1; d++)
        {
            if (d != plane)
            {
                loop[3 * outer] = sizes[d];
                loop[3 * outer + 1] = sourceStrides[d] * elementSize;
                loop[3 * outer + 2] = targetStrides[d] * elementSize;
                outer++;
                repeats *= sizes[d];
            }
        }

        fixed (long* dimensionsOfLoop = loop)
        {
            plan.Loop = dimensionsOfLoop;
            plan.LoopRank = outer;
            long bytes = Math.Max(1, total / repeats * elementSize);
            WorkerPool.Current.ForRange(repeats, Math.Max(1, TileBytes / bytes), plan);
        }
    }

    /// <summary>Drops and merges dimensions; sizes and source strides come in the order of the target.</summary>
    private static int Simplify(
        ReadOnlySpan<long> dimensions, ReadOnlySpan<int> permutation, Span<long> sizes, Span<long> sourceStrides, out long total)
    {
        Span<long> strides = stackalloc long[dimensions.Length + 1];
        total = 1;
        for (int d = dimensions.Length - 1; d >= 0; d--)
        {
            strides[d] = total;
            total *= dimensions[d];
        }

        int rank = 0;
        foreach (int from in permutation)
        {
            long size = dimensions[from];
            if (size == 1)
            {
                continue;
            }

            if (rank > 0 && sourceStrides[rank - 1] == strides[from] * size)
            {
                sizes[rank - 1] *= size;
                sourceStrides[rank - 1] = strides[from];
            }
            else
            {
                sizes[rank] = size;
                sourceStrides[rank++] = strides[from];
            }
        }

        return rank;
    }

    private struct Plan : IRangeBody
    {
        public byte* Source;
        public byte* Target;
        public int ElementSize;

        /// <summary>Bytes of a run; 0: planes.</summary>
        public long RunBytes;
        public nint Rows;
        public nint Columns;
        public nint SourceStride;
        public nint TargetStride;

        /// <summary>Triples of size, source step and target step in bytes.</summary>
        public long* Loop;
        public int LoopRank;

        public readonly void Run(long start, long end)
        {
            Span<long> index = stackalloc long[LoopRank];
            byte* source = Source;
            byte* target = Target;
            long rest = start;
            for (int d = LoopRank - 1; d >= 0; d--)
            {
                index[d] = rest % Loop[3 * d];
                rest /= Loop[3 * d];
                source += index[d] * Loop[3 * d + 1];
                target += index[d] * Loop[3 * d + 2];
            }

            for (long i = start; i < end; i++)
            {
                Move(source, target);
                for (int d = LoopRank - 1; d >= 0; d--)
                {
                    source += Loop[3 * d + 1];
                    target += Loop[3 * d + 2];
                    if (++index[d] < Loop[3 * d])
                    {
                        break;
                    }

                    source -= Loop[3 * d + 1] * Loop[3 * d];
                    target -= Loop[3 * d + 2] * Loop[3 * d];
                    index[d] = 0;
                }
            }
        }

        private readonly void Move(byte* source, byte* target)
        {
            if (RunBytes > 0)
            {
                StridedCopy.CopyRun(source, target, RunBytes);
                return;
            }

            switch (ElementSize)
            {
                case 4:
                    MatrixTranspose.Run((float*)source, SourceStride, (float*)target, TargetStride, Rows, Columns);
                    break;
                case 1:
                    Blocks((byte*)source, SourceStride, (byte*)target, TargetStride, Rows, Columns);
                    break;
                case 2:
                    Blocks((short*)source, SourceStride, (short*)target, TargetStride, Rows, Columns);
                    break;
                case 8:
                    Blocks((long*)source, SourceStride, (long*)target, TargetStride, Rows, Columns);
                    break;
                case 16:
                    Blocks((Int128*)source, SourceStride, (Int128*)target, TargetStride, Rows, Columns);
                    break;
                default:
                    throw new NotSupportedException($"Elements of {ElementSize} bytes.");
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void Blocks<T>(T* source, nint sourceStride, T* target, nint targetStride, nint rows, nint columns)
            where T : unmanaged
        {
            const int Side = 16;
            for (nint r = 0; r < rows; r += Side)
            {
                nint rowEnd = Math.Min(rows, r + Side);
                for (nint c = 0; c < columns; c += Side)
                {
                    nint columnEnd = Math.Min(columns, c + Side);
                    for (nint column = c; column < columnEnd; column++)
                    {
                        T* to = target + column * targetStride;
                        for (nint row = r; row < rowEnd; row++)
                        {
                            to[row] = source[row * sourceStride + column];
                        }
                    }
                }
            }
        }
    }
}
