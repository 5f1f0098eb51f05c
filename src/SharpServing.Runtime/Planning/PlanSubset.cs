namespace SharpServing.Runtime.Planning;

/// <summary>The part of a plan that some of its results need: fewer steps over the same slots, constants and kernels.</summary>
internal static class PlanSubset
{
    /// <param name="results">Positions among the results of <paramref name="plan"/>.</param>
    /// <param name="calls">The nodes that the results were asked of: a call among them has its effects, whatever its results need.</param>
    /// <returns>A plan that owns nothing: <paramref name="plan"/> must outlive it.</returns>
    public static Plan Make(Plan plan, ReadOnlySpan<int> results, IEnumerable<string> calls)
    {
        int[] resultSlots = new int[results.Length];
        for (int i = 0; i < results.Length; i++)
        {
            resultSlots[i] = plan.ResultSlots[results[i]];
        }

        bool[] needed = FindNeeded(plan, resultSlots, new HashSet<string>(calls, StringComparer.Ordinal));
        int[] positions = new int[plan.Steps.Length];
        var read = new HashSet<int>(resultSlots);
        int count = 0;
        for (int i = 0; i < needed.Length; i++)
        {
            positions[i] = count;
            if (needed[i])
            {
                count++;
                read.UnionWith(plan.Steps[i].Inputs);
            }
        }

        var steps = new List<PlanStep>(count);
        for (int i = 0; i < needed.Length; i++)
        {
            if (needed[i])
            {
                PlanStep step = plan.Steps[i];
                steps.Add(step.Copy(
                    [.. step.OutputNeeded.Select((_, output) => read.Contains(step.OutputBase + output))],
                    [.. step.ControlSteps.Select(control => positions[control])]));
            }
        }

        StepLifetimes.Mark(steps, [.. resultSlots, .. plan.Constants.Select(constant => constant.Slot)]);
        return new Plan
        {
            Steps = [.. steps],
            SlotCount = plan.SlotCount,
            ArgumentCount = plan.ArgumentCount,
            Constants = plan.Constants,
            ResultSlots = resultSlots,
            HasDeadSteps = plan.HasDeadSteps,
        };
    }

    /// <summary>True for each argument that a step reads or that is a result.</summary>
    public static bool[] FindReadArguments(Plan plan)
    {
        bool[] read = new bool[plan.ArgumentCount];
        foreach (int slot in plan.ResultSlots.Concat(plan.Steps.SelectMany(step => step.Inputs)))
        {
            if (slot >= 0 && slot < read.Length)
            {
                read[slot] = true;
            }
        }

        return read;
    }

    /// <summary>What the results read and wait for, and the effects of calls that any of that comes from.</summary>
    private static bool[] FindNeeded(Plan plan, int[] resultSlots, HashSet<string> calls)
    {
        var writer = new Dictionary<int, int>();
        for (int i = 0; i < plan.Steps.Length; i++)
        {
            for (int output = 0; output < plan.Steps[i].OutputTypes.Length; output++)
            {
                writer[plan.Steps[i].OutputBase + output] = i;
            }
        }

        bool[] needed = new bool[plan.Steps.Length];
        var pending = new Stack<int>();
        foreach (int slot in resultSlots)
        {
            AddSlot(slot);
        }

        bool grows = true;
        while (grows)
        {
            Complete();
            grows = false;
            for (int i = 0; i < needed.Length; i++)
            {
                if (!needed[i] && plan.Steps[i] is { HasEffect: true, Call: { } call } && calls.Contains(call))
                {
                    Add(i);
                    grows = true;
                }
            }
        }

        return needed;

        void Complete()
        {
            while (pending.TryPop(out int index))
            {
                PlanStep step = plan.Steps[index];
                if (step.Call is { } call)
                {
                    calls.Add(call);
                }

                foreach (int slot in step.Inputs)
                {
                    AddSlot(slot);
                }

                foreach (int control in step.ControlSteps)
                {
                    Add(control);
                }
            }
        }

        void AddSlot(int slot)
        {
            if (writer.TryGetValue(slot, out int step))
            {
                Add(step);
            }
        }

        void Add(int step)
        {
            if (!needed[step])
            {
                needed[step] = true;
                pending.Push(step);
            }
        }
    }
}
