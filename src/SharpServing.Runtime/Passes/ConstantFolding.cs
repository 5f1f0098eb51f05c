using SharpServing.Runtime.Execution;
using SharpServing.Runtime.Graphs;
using SharpServing.Runtime.Planning;
using SharpServing.Runtime.Registry;
using SharpServing.Runtime.Resources;
using SharpServing.Tensors;

namespace SharpServing.Runtime.Passes;

/// <summary>
/// Evaluates, once, nodes whose inputs never change: Const, handles of variables and tables, reads of variables that nothing writes, and
/// pure ops on those. A node that fails or grows too large stays for the run.
/// </summary>
internal sealed class ConstantFolding : IGraphPass
{
    /// <summary>Results above this size are left to the run unless they are smaller than what they came from. Unit: bytes.</summary>
    private const long MaxFoldedBytes = 10L << 20;

    public string Name => "constant_folding";

    public void Run(Graph graph, PassContext context)
    {
        var branches = new BranchNodes();
        foreach (Node node in graph.TopologicalOrder())
        {
            if (!branches.Visit(node) && !node.IsConstant && node.Op != Graph.ArgumentOp && node.OutputTypes.Length > 0
                && !TryReadVariable(node, context.Session))
            {
                TryFold(node, context);
            }
        }
    }

    /// <summary>Evaluates a node whose inputs are all constant, if that is allowed and succeeds.</summary>
    public static bool TryFold(Node node, PassContext context)
    {
        if (!MayFold(node, context) || !node.Inputs.TrueForAll(input => input.Constant is not null))
        {
            return false;
        }

        FoldedConstants? shared = context.Session.Folded;
        if (shared is not null && shared.TryTake(node))
        {
            return true;
        }

        bool isFolded = TryEvaluate(node, context.Registry.Find(node.Op)!, context);
        if (isFolded)
        {
            shared?.Add(node);
        }

        return isFolded;
    }

    /// <summary>False for nodes that see or change anything but their inputs.</summary>
    public static bool MayFold(Node node, PassContext context) => context.Registry.Find(node.Op) is { } row && MayFold(node, row);

    /// <summary>True for nodes that must run even when nothing reads their outputs.</summary>
    public static bool HasEffect(Node node, PassContext context)
    {
        if (node.IsConstant)
        {
            return false;
        }

        OpRegistration? row = context.Registry.Find(node.Op);
        if (row is not null && (row.Traits & OpTraits.WritesResource) != OpTraits.None)
        {
            return true;
        }

        return node.Definition.IsStateful && (row is null || (row.Traits & (OpTraits.NoEffect | OpTraits.ConstantHandle)) == OpTraits.None);
    }

    private static bool MayFold(Node node, OpRegistration row)
    {
        if ((row.Traits & OpTraits.ConstantHandle) != OpTraits.None)
        {
            return true;
        }

        // What a handle leads to may change; another handle for it does not.
        if ((row.Traits & OpTraits.Identity) == OpTraits.None
            && node.Inputs.Exists(input => input.Type == DType.Resource || Import.ReferenceReads.IsReference(input)))
        {
            return false;
        }

        return !node.Definition.IsStateful && (row.Traits & (OpTraits.NoFold | OpTraits.RunsWhenDead | OpTraits.WritesResource)) == OpTraits.None
            && !node.Op.StartsWith("Placeholder", StringComparison.Ordinal);
    }

    private static bool TryReadVariable(Node node, SessionState session)
    {
        if (!session.IsFrozen || node.Op is not ("ReadVariableOp" or "_ReadReference") || node.Inputs[0].Constant is not { } handleTensor)
        {
            return false;
        }

        if (handleTensor.Objects[0] is not ResourceHandle { Resource: Variable variable } handle || session.IsWritten(handle)
            || variable.Read() is not { } value)
        {
            return false;
        }

        node.SetConstantOutput(0, value);
        return true;
    }

    private static bool TryEvaluate(Node node, OpRegistration row, PassContext context)
    {
        int inputs = node.Inputs.Count;
        int outputs = node.OutputTypes.Length;
        var slots = new Tensor?[inputs + outputs];
        long inputBytes = 0;
        for (int i = 0; i < inputs; i++)
        {
            Tensor value = node.Inputs[i].Constant!;
            slots[i] = value.AddRef();
            inputBytes += value.DType is DType.Resource or DType.Variant ? 0 : value.ByteLength;
        }

        bool keep = false;
        OpKernel? kernel = null;
        try
        {
            kernel = row.Factory(new KernelBuilder(node, context.Session, context.Functions));
            var step = new PlanStep
            {
                Name = node.Name,
                Origin = node.Origin,
                Op = node.Op,
                Kernel = kernel,
                Inputs = [.. Enumerable.Range(0, inputs)],
                OutputBase = inputs,
                OutputTypes = node.OutputTypes,
                OutputNeeded = [.. Enumerable.Repeat(true, outputs)],
            };
            var run = new RunState(context.Session);
            var opContext = new OpContext(slots) { Run = run };
            opContext.Enter(step);
            kernel.Compute(opContext);
            run.Clear();
            keep = true;
            for (int i = 0; i < outputs; i++)
            {
                Tensor? value = slots[inputs + i];
                // A reference variable's handle holds objects, whatever its type.
                long bytes = value is null || !value.Objects.IsEmpty ? 0 : value.ByteLength;
                keep &= value is not null && (bytes <= MaxFoldedBytes || bytes <= inputBytes)
                    && (value.DType != DType.Variant || (row.Traits & OpTraits.ConstantHandle) != OpTraits.None);
            }
        }
        catch (StatusException)
        {
            // The run reports it, if it ever gets there: TensorFlow does the same.
        }
        catch (UnsupportedOpException)
        {
            // The planner reports it with all others.
        }

        (kernel as IDisposable)?.Dispose();
        for (int i = 0; i < inputs; i++)
        {
            slots[i]?.Release();
        }

        for (int i = 0; i < outputs; i++)
        {
            if (keep)
            {
                node.SetConstantOutput(i, slots[inputs + i]!);
            }
            else
            {
                slots[inputs + i]?.Release();
            }
        }

        return keep;
    }
}
