using System.Runtime.CompilerServices;

namespace SharpServing.Kernels;

/// <summary>
/// Denormals count as zero, in operands and in results, on the current thread while a scope is open: TensorFlow's kernels run that way
/// (<c>port::ScopedFlushDenormal</c>), and denormals cost a hundred times a normal number on some processors.
/// x64: FTZ and DAZ of MXCSR; arm64: FZ of FPCR. Without effect on systems other than Linux and Windows.
/// </summary>
/// <remarks>Enter once per request; a scope inside a scope costs one look at a thread-local flag. A ref struct cannot cross an await.</remarks>
public readonly ref struct ComputeMode
{
    [ThreadStatic]
    private static bool _active;

    private readonly uint _saved;
    private readonly bool _owner;

    private ComputeMode(uint saved)
    {
        _saved = saved;
        _owner = true;
    }

    /// <summary>True while a scope is open on this thread.</summary>
    public static bool IsActive => _active;

    /// <summary>Sets the mode; <see cref="Dispose"/> restores what was before.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ComputeMode Enter() => _active ? default : Set();

    public void Dispose()
    {
        if (_owner)
        {
            FloatingPointControl.Restore(_saved);
            _active = false;
        }
    }

    /// <summary>Sets the mode for the rest of the thread's life: for threads that only compute.</summary>
    internal static void SetForThread()
    {
        if (!_active)
        {
            _ = Set();
        }
    }

    private static ComputeMode Set()
    {
        uint saved = FloatingPointControl.FlushDenormals();
        _active = true;
        return new ComputeMode(saved);
    }
}
