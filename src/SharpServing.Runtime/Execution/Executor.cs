using SharpServing.Runtime.Planning;
using SharpServing.Tensors;

namespace SharpServing.Runtime.Execution;

/// <summary>Runs plans on the calling thread, step by step.</summary>
internal static class Executor
{
    /// <summary>Runs <paramref name="plan"/>; on return each result holds one reference for the caller.</summary>
    /// <param name="arguments">Borrowed; one that no step reads may be null.</param>
    /// <exception cref="StatusException">The first error of a step, with its node suffix.</exception>
    public static void Run(Plan plan, ReadOnlySpan<Tensor> arguments, Span<Tensor?> results, RunState run)
    {
        Frame frame = plan.RentFrame();
        for (int i = 0; i < arguments.Length; i++)
        {
            frame.Slots[i] = arguments[i]?.AddRef();
        }

        Run(plan, frame, results, run);
    }

    /// <summary>Like <see cref="Run(Plan, ReadOnlySpan{Tensor}, Span{Tensor?}, RunState)"/>, but takes the references out of <paramref name="arguments"/>.</summary>
    public static void RunMoved(Plan plan, Span<Tensor?> arguments, Span<Tensor?> results, RunState run)
    {
        Frame frame = plan.RentFrame();
        arguments.CopyTo(frame.Slots);
        arguments.Clear();
        Run(plan, frame, results, run);
    }

    public static void ReleaseAll(Span<Tensor?> tensors)
    {
        foreach (ref Tensor? tensor in tensors)
        {
            tensor?.Release();
            tensor = null;
        }
    }

    private static void Run(Plan plan, Frame frame, Span<Tensor?> results, RunState run)
    {
        Tensor?[] slots = frame.Slots;
        bool done = false;
        try
        {
            frame.Context.Run = run;
            if (plan.HasDeadSteps)
            {
                RunStepsWithDead(plan, frame);
            }
            else
            {
                RunSteps(plan, frame);
            }

            for (int i = 0; i < results.Length; i++)
            {
                Tensor? value = slots[plan.ResultSlots[i]];
                if (value is null || ReferenceEquals(value, DeadTensor.Instance))
                {
                    throw StatusException.InvalidArgument($"Retval[{i}] does not have value");
                }

                results[i] = value.AddRef();
            }

            done = true;
        }
        finally
        {
            if (!done)
            {
                ReleaseAll(results);
            }

            Clear(plan, frame);
            plan.ReturnFrame(frame);
        }
    }

    private static void RunSteps(Plan plan, Frame frame)
    {
        OpContext context = frame.Context;
        Tensor?[] slots = frame.Slots;
        CancellationToken cancellation = context.Run.Cancellation;
        ExecutionProfile? profile = ExecutionProfile.Current;
        foreach (PlanStep step in plan.Steps)
        {
            if (cancellation.IsCancellationRequested)
            {
                throw new StatusException(StatusCode.Cancelled, "Run was cancelled");
            }

            context.Enter(step);
            long start = profile is null ? 0 : System.Diagnostics.Stopwatch.GetTimestamp();
            try
            {
                step.Kernel.Compute(context);
            }
            catch (StatusException e)
            {
                throw NodeErrors.WithNode(e, step);
            }

            profile?.Add(step.Op, step.Name, System.Diagnostics.Stopwatch.GetTimestamp() - start);
            foreach (int slot in step.Releases)
            {
                slots[slot]?.Recycle();
                slots[slot] = null;
            }
        }
    }

    private static void RunStepsWithDead(Plan plan, Frame frame)
    {
        OpContext context = frame.Context;
        Tensor?[] slots = frame.Slots;
        bool[] dead = frame.Dead;
        CancellationToken cancellation = context.Run.Cancellation;
        for (int i = 0; i < plan.Steps.Length; i++)
        {
            PlanStep step = plan.Steps[i];
            if (cancellation.IsCancellationRequested)
            {
                throw new StatusException(StatusCode.Cancelled, "Run was cancelled");
            }

            bool isDead = !step.RunsWhenDead && IsDead(step, slots, dead);
            dead[i] = isDead;
            if (isDead)
            {
                slots.AsSpan(step.OutputBase, step.OutputTypes.Length).Fill(DeadTensor.Instance);
            }
            else
            {
                context.Enter(step);
                try
                {
                    step.Kernel.Compute(context);
                }
                catch (StatusException e)
                {
                    throw NodeErrors.WithNode(e, step);
                }

                // A Merge of dead inputs is dead itself.
                dead[i] = step.RunsWhenDead && step.OutputTypes.Length > 0 && ReferenceEquals(slots[step.OutputBase], DeadTensor.Instance);
            }

            foreach (int slot in step.Releases)
            {
                if (!ReferenceEquals(slots[slot], DeadTensor.Instance))
                {
                    slots[slot]?.Recycle();
                }

                slots[slot] = null;
            }
        }
    }

    private static bool IsDead(PlanStep step, Tensor?[] slots, bool[] dead)
    {
        foreach (int slot in step.Inputs)
        {
            if (slot >= 0 && ReferenceEquals(slots[slot], DeadTensor.Instance))
            {
                return true;
            }
        }

        foreach (int control in step.ControlSteps)
        {
            if (dead[control])
            {
                return true;
            }
        }

        return false;
    }

    private static void Clear(Plan plan, Frame frame)
    {
        Tensor?[] slots = frame.Slots;
        int firstConstant = plan.ArgumentCount;
        int firstOutput = firstConstant + plan.Constants.Length;
        for (int i = 0; i < slots.Length; i++)
        {
            if (i == firstConstant)
            {
                i = firstOutput;
                if (i >= slots.Length)
                {
                    break;
                }
            }

            if (slots[i] is { } value)
            {
                if (!ReferenceEquals(value, DeadTensor.Instance))
                {
                    value.Recycle();
                }

                slots[i] = null;
            }
        }

        frame.Context.Run = null!;
    }
}
