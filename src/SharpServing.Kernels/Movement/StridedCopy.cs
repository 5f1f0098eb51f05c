using System.Runtime.CompilerServices;

namespace SharpServing.Kernels;

/// <summary>Copies of evenly spaced runs: one input of a concatenation, one output of a split, a slice.</summary>
public static unsafe class StridedCopy
{
    private const long TileBytes = 256 * 1024;

    /// <summary>Copies <paramref name="rows"/> runs of <paramref name="rowBytes"/> bytes; source and target do not overlap.</summary>
    /// <param name="source">First run.</param>
    /// <param name="sourceStep">Bytes from one run to the next.</param>
    /// <param name="target">Place of the first run.</param>
    /// <param name="targetStep">Bytes from one place to the next.</param>
    /// <param name="rows">Runs.</param>
    /// <param name="rowBytes">Bytes of a run.</param>
    public static void Run(void* source, long sourceStep, void* target, long targetStep, long rows, long rowBytes)
    {
        if (rows == 0 || rowBytes == 0)
        {
            return;
        }

        if (sourceStep == rowBytes && targetStep == rowBytes)
        {
            rowBytes *= rows;
            rows = 1;
        }

        var body = new Body { Source = (byte*)source, SourceStep = sourceStep, Target = (byte*)target, TargetStep = targetStep, Bytes = rowBytes };
        WorkerPool.Current.ForRange(rows, Math.Max(1, TileBytes / rowBytes), body);
    }

    /// <summary>One run; short ones without a call.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void CopyRun(byte* source, byte* target, long bytes)
    {
        switch (bytes)
        {
            case 4:
                Unsafe.WriteUnaligned(target, Unsafe.ReadUnaligned<int>(source));
                break;
            case 8:
                Unsafe.WriteUnaligned(target, Unsafe.ReadUnaligned<long>(source));
                break;
            default:
                Buffer.MemoryCopy(source, target, bytes, bytes);
                break;
        }
    }

    private struct Body : IRangeBody
    {
        public byte* Source;
        public byte* Target;
        public long SourceStep;
        public long TargetStep;
        public long Bytes;

        public readonly void Run(long start, long end)
        {
            byte* source = Source + start * SourceStep;
            byte* target = Target + start * TargetStep;
            for (long row = start; row < end; row++)
            {
                CopyRun(source, target, Bytes);
                source += SourceStep;
                target += TargetStep;
            }
        }
    }
}
