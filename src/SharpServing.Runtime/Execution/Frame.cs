using SharpServing.Runtime.Planning;
using SharpServing.Tensors;

namespace SharpServing.Runtime.Execution;

/// <summary>Values of one run of one plan; reused by later runs.</summary>
internal sealed class Frame
{
    public Frame(Plan plan)
    {
        Slots = new Tensor?[plan.SlotCount];
        Dead = plan.HasDeadSteps ? new bool[plan.Steps.Length] : [];
        Context = new OpContext(Slots);
        foreach ((int slot, Tensor value) in plan.Constants)
        {
            Slots[slot] = value;
        }
    }

    public Tensor?[] Slots { get; }

    public bool[] Dead { get; }

    public OpContext Context { get; }
}
