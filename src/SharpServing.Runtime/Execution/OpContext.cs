using System.Runtime.CompilerServices;
using SharpServing.Runtime.Planning;
using SharpServing.Tensors;

namespace SharpServing.Runtime.Execution;

/// <summary>What a kernel sees of one run of its node. Valid during <see cref="Registry.OpKernel.Compute"/> only.</summary>
public sealed class OpContext
{
    private readonly Tensor?[] _slots;
    private PlanStep _step = null!;

    internal OpContext(Tensor?[] slots) => _slots = slots;

    public RunState Run { get; internal set; } = null!;

    public int InputCount => _step.Inputs.Length;

    public int OutputCount => _step.OutputTypes.Length;

    /// <summary>Name of the node, for texts that quote it.</summary>
    public string NodeName => _step.Name;

    /// <summary>Borrowed; alive until the step ends.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Tensor Input(int index) => _slots[_step.Inputs[index]]!;

    /// <summary>One reference to an input for the kernel: the plan's own where this step is its last reader.</summary>
    public Tensor Take(int index)
    {
        int slot = _step.Inputs[index];
        Tensor tensor = _slots[slot]!;
        if (!_step.IsLastUse(index))
        {
            return tensor.AddRef();
        }

        _slots[slot] = null;
        return tensor;
    }

    /// <summary>False: nobody reads this output; a kernel may leave it unset.</summary>
    public bool IsNeeded(int output) => _step.OutputNeeded[output];

    public DType OutputType(int output) => _step.OutputTypes[output];

    /// <summary>Makes an output of uninitialised memory for a plain dtype.</summary>
    public Tensor Allocate(int output, in Shape shape)
    {
        Tensor tensor = Tensor.Allocate(_step.OutputTypes[output], shape);
        SetOutput(output, tensor);
        return tensor;
    }

    /// <summary>
    /// Like <see cref="Allocate"/>, but takes the memory of an input that nobody needs after this step, where element size and
    /// count agree. The kernel must then read each element before it writes it.
    /// </summary>
    public Tensor AllocateOrReuse(int output, in Shape shape, int input)
    {
        int slot = _step.Inputs[input];
        Tensor candidate = _slots[slot]!;
        DType type = _step.OutputTypes[output];
        if (!_step.IsLastUse(input) || !candidate.IsUnique || candidate.DType.SizeOf() != type.SizeOf()
            || candidate.ElementCount != shape.ElementCount)
        {
            return Allocate(output, shape);
        }

        _slots[slot] = null;
        if (candidate.DType == type && candidate.Shape == shape)
        {
            SetOutput(output, candidate);
            return candidate;
        }

        Tensor view = candidate.View(type, shape);
        candidate.Recycle();
        SetOutput(output, view);
        return view;
    }

    /// <summary>True when this step is the last reader of an input and nobody else holds its memory: it may be changed in place.</summary>
    public bool CanOverwrite(int input) => _step.IsLastUse(input) && _slots[_step.Inputs[input]]!.IsUnique;

    /// <summary>Like <see cref="CanOverwrite"/> for an input of objects: this step is its last reader and nobody else holds the tensor.</summary>
    public bool CanTake(int input) => _step.IsLastUse(input) && _slots[_step.Inputs[input]]!.IsUniqueTensor;

    /// <summary>Takes over one reference to <paramref name="tensor"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void SetOutput(int output, Tensor tensor)
    {
        ref Tensor? slot = ref _slots[_step.OutputBase + output];
        slot?.Release();
        slot = tensor;
    }

    /// <summary>Gives an input out again as it is.</summary>
    public void Forward(int output, int input) => SetOutput(output, Input(input).AddRef());

    /// <summary>Gives an input out again with another shape of as many elements.</summary>
    public void ForwardReshaped(int output, int input, in Shape shape) => SetOutput(output, Input(input).View(_step.OutputTypes[output], shape));

    /// <summary>Marks an output as dead (TensorFlow 1 control flow: the branch not taken).</summary>
    public void SetDead(int output) => _slots[_step.OutputBase + output] = DeadTensor.Instance;

    /// <summary>True for an input on the branch not taken; only kernels with <see cref="Registry.OpTraits.RunsWhenDead"/> see one.</summary>
    public bool IsDead(int input) => ReferenceEquals(_slots[_step.Inputs[input]], DeadTensor.Instance);

    internal void Enter(PlanStep step) => _step = step;
}
