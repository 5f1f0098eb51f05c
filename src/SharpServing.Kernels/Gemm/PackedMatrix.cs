using SharpServing.Tensors;

namespace SharpServing.Kernels;

/// <summary>
/// The right side of a matrix product, laid out once for the kernels: panels of 32 columns, each panel [rows, 32] contiguous, so that a
/// product reads it front to back. The last panel has 16 columns when no more than 16 are left, and zeros behind the last one. The
/// layout does not depend on the instruction set. Reference counted: made with one reference.
/// </summary>
public sealed unsafe class PackedMatrix : IReferenceCounted
{
    /// <summary>Columns of a panel.</summary>
    internal const int PanelColumns = 32;

    /// <summary>Columns of a narrow last panel.</summary>
    internal const int NarrowColumns = 16;

    private readonly TensorBuffer _buffer;

    private PackedMatrix(TensorBuffer buffer, int rows, int columns)
    {
        _buffer = buffer;
        Rows = rows;
        Columns = columns;
        ByteLength = SizeOf(rows, columns) * sizeof(float);
    }

    /// <summary>Inner dimension of the product (k).</summary>
    public int Rows { get; }

    /// <summary>Columns of the result (n).</summary>
    public int Columns { get; }

    /// <summary>Native memory held.</summary>
    public long ByteLength { get; }

    internal float* Data => (float*)_buffer.Address;

    /// <summary>Lays out <paramref name="b"/>; it is not needed afterwards.</summary>
    /// <param name="b">[k, n] with <paramref name="ldb"/> elements from row to row, or [n, k] when transposed.</param>
    /// <param name="k">Inner dimension.</param>
    /// <param name="n">Columns of the result.</param>
    /// <param name="ldb">Elements from row to row as stored.</param>
    /// <param name="transposed">True: b is stored [n, k].</param>
    /// <param name="allocator">Source of the memory; the shared one by default.</param>
    public static PackedMatrix Pack(float* b, int k, int n, long ldb, bool transposed, TensorAllocator? allocator = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(k);
        ArgumentOutOfRangeException.ThrowIfNegative(n);
        TensorBuffer buffer = (allocator ?? TensorAllocator.Shared).AllocateUnpooled(SizeOf(k, n) * sizeof(float));
        var matrix = new PackedMatrix(buffer, k, n);
        int panels = PanelCount(n);
        long grain = Math.Max(1, 256 * 1024 / (PanelColumns * Math.Max((long)k, 1)));
        WorkerPool.Current.ForRange(
            panels, grain, new PackBody { Source = b, Target = matrix.Data, K = k, N = n, Stride = (nint)ldb, Transposed = transposed });
        return matrix;
    }

    /// <summary>Writes the matrix back as it was given to <see cref="Pack"/>.</summary>
    public void Unpack(float* b, long ldb, bool transposed)
    {
        for (int column = 0; column < Columns; column++)
        {
            int panel = column / PanelColumns;
            int width = PanelWidth(panel, Columns);
            float* source = Data + (long)panel * PanelColumns * Rows + column % PanelColumns;
            for (long row = 0; row < Rows; row++)
            {
                b[transposed ? column * ldb + row : row * ldb + column] = source[row * width];
            }
        }
    }

    public void AddRef() => _buffer.AddRef();

    public void Release() => _buffer.Release();

    internal static int PanelCount(int n) => (n + PanelColumns - 1) / PanelColumns;

    /// <summary>Columns as stored.</summary>
    internal static int PanelWidth(int panel, int n) => n - panel * PanelColumns <= NarrowColumns ? NarrowColumns : PanelColumns;

    /// <summary>Copies <paramref name="columns"/> columns, at most <paramref name="width"/>, into a panel and fills up with zeros.</summary>
    internal static void PackPanel(float* source, nint stride, bool transposed, nint rows, int columns, float* panel, int width)
    {
        if (transposed)
        {
            MatrixTranspose.Run(source, stride, panel, width, columns, rows);
        }

        for (nint row = 0; row < rows; row++)
        {
            float* target = panel + row * width;
            if (!transposed)
            {
                new ReadOnlySpan<float>(source + row * stride, columns).CopyTo(new Span<float>(target, width));
            }

            if (columns < width)
            {
                new Span<float>(target + columns, width - columns).Clear();
            }
            else if (transposed)
            {
                break;
            }
        }
    }

    private static long SizeOf(int rows, int columns)
    {
        int panels = PanelCount(columns);
        return panels == 0 ? 0 : rows * ((panels - 1L) * PanelColumns + PanelWidth(panels - 1, columns));
    }

    private struct PackBody : IRangeBody
    {
        public float* Source;
        public float* Target;
        public int K;
        public int N;
        public nint Stride;
        public bool Transposed;

        public readonly void Run(long start, long end)
        {
            for (int panel = (int)start; panel < end; panel++)
            {
                nint first = (nint)panel * PanelColumns;
                int columns = (int)Math.Min(PanelColumns, N - first);
                float* source = Source + (Transposed ? first * Stride : first);
                PackPanel(source, Stride, Transposed, K, columns, Target + first * K, PanelWidth(panel, N));
            }
        }
    }
}
