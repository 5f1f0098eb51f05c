namespace SharpServing.Runtime.Planning;

/// <summary>Where values are given back: after the last step that reads them.</summary>
internal static class StepLifetimes
{
    /// <summary>Fills <see cref="PlanStep.Releases"/> and <see cref="PlanStep.LastUses"/>.</summary>
    /// <param name="kept">Slots that outlive the steps: constants and results.</param>
    public static void Mark(IReadOnlyList<PlanStep> steps, HashSet<int> kept)
    {
        var lastUse = new Dictionary<int, int>();
        for (int i = 0; i < steps.Count; i++)
        {
            PlanStep step = steps[i];
            foreach (int slot in step.Inputs)
            {
                lastUse[slot] = i;
            }

            for (int output = 0; output < step.OutputNeeded.Length; output++)
            {
                if (!step.OutputNeeded[output])
                {
                    lastUse[step.OutputBase + output] = i;
                }
            }
        }

        var releases = new List<int>?[steps.Count];
        foreach ((int slot, int step) in lastUse)
        {
            if (slot >= 0 && !kept.Contains(slot))
            {
                (releases[step] ??= []).Add(slot);
            }
        }

        for (int i = 0; i < steps.Count; i++)
        {
            PlanStep step = steps[i];
            step.Releases = releases[i] is { } list ? [.. list] : [];
            for (int input = 0; input < step.Inputs.Length && input < 63; input++)
            {
                int slot = step.Inputs[input];
                if (slot >= 0 && Array.IndexOf(step.Releases, slot) >= 0 && Array.IndexOf(step.Inputs, slot) == Array.LastIndexOf(step.Inputs, slot))
                {
                    step.LastUses |= 1UL << input;
                }
            }
        }
    }
}
