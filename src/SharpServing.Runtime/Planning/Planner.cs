using SharpServing.Runtime.Graphs;
using SharpServing.Runtime.Passes;
using SharpServing.Runtime.Registry;
using SharpServing.Tensors;

namespace SharpServing.Runtime.Planning;

/// <summary>Graph → <see cref="Plan"/>: order, slots, last uses, kernels.</summary>
internal sealed class Planner
{
    private readonly Graph _graph;
    private readonly PassContext _context;
    private readonly List<string> _unsupported;
    private readonly Dictionary<NodeOutput, int> _slots = [];
    private readonly List<(int Slot, Tensor Value)> _constants = [];
    private int _slotCount;

    /// <param name="unsupported">Receives a line for each op, dtype or attribute that we do not support.</param>
    public Planner(Graph graph, PassContext context, List<string> unsupported)
    {
        _graph = graph;
        _context = context;
        _unsupported = unsupported;
    }

    /// <exception cref="StatusException">A kernel refuses its attributes; the graph has a cycle.</exception>
    public Plan Build()
    {
        List<Node> order = _graph.TopologicalOrder();
        bool hasDeadSteps = order.Exists(node => node.Op is "Switch" or "RefSwitch" or "_SwitchN");
        var needed = new NeededNodes(_graph, order, _context, keepControls: hasDeadSteps);

        // What is missing from the request is said before anything is computed.
        order = [.. order.Where(IsPlaceholder), .. order.Where(node => !IsPlaceholder(node))];

        foreach (Node argument in _graph.Arguments)
        {
            _slots[argument.Output(0)] = _slotCount++;
        }

        List<(Node Node, OpKernel Kernel, IReadOnlyList<int> Dropped)> kernels = MakeKernels(order, needed);
        PlaceConstants(kernels);

        var steps = new List<PlanStep>(kernels.Count);
        Dictionary<Node, int[]> controlSteps = FindControlSteps(order, kernels);
        var targets = new HashSet<Node>(_graph.Targets);
        HashSet<NodeOutput> read = FindRead(kernels);
        foreach ((Node node, OpKernel kernel, IReadOnlyList<int> dropped) in kernels)
        {
            int[] inputs = new int[node.Inputs.Count];
            for (int i = 0; i < inputs.Length; i++)
            {
                inputs[i] = dropped.Contains(i) ? -1 : _slots[node.Inputs[i]];
            }

            int outputBase = _slotCount;
            _slotCount += node.OutputTypes.Length;
            bool[] outputNeeded = new bool[node.OutputTypes.Length];
            for (int i = 0; i < outputNeeded.Length; i++)
            {
                _slots[node.Output(i)] = outputBase + i;
                outputNeeded[i] = read.Contains(node.Output(i));
            }

            steps.Add(new PlanStep
            {
                Name = node.Name,
                Origin = node.Origin,
                Op = node.Op,
                Kernel = kernel,
                Inputs = inputs,
                OutputBase = outputBase,
                OutputTypes = node.OutputTypes,
                OutputNeeded = outputNeeded,
                RunsWhenDead = _context.Registry.Find(node.Op) is { } row && (row.Traits & OpTraits.RunsWhenDead) != OpTraits.None,
                ControlSteps = controlSteps.GetValueOrDefault(node, []),
                HasEffect = targets.Contains(node) || ConstantFolding.HasEffect(node, _context),
                Call = node.Call,
            });
        }

        int[] resultSlots = [.. _graph.Results.Select(result => _slots[result])];
        StepLifetimes.Mark(steps, [.. resultSlots, .. _constants.Select(constant => constant.Slot)]);
        return new Plan
        {
            Steps = [.. steps],
            SlotCount = _slotCount,
            ArgumentCount = _graph.Arguments.Count,
            Constants = [.. _constants],
            ResultSlots = resultSlots,
            HasDeadSteps = hasDeadSteps,
        };
    }

    private static bool IsPlaceholder(Node node) => node.Op is "Placeholder" or "PlaceholderV2" && node.ControlInputs.Count == 0;

    private List<(Node Node, OpKernel Kernel, IReadOnlyList<int> Dropped)> MakeKernels(List<Node> order, NeededNodes needed)
    {
        var kernels = new List<(Node, OpKernel, IReadOnlyList<int>)>();
        foreach (Node node in order)
        {
            if (!needed.Contains(node) || node.IsConstant || node.Op == Graph.ArgumentOp)
            {
                continue;
            }

            OpRegistration? row = _context.Registry.Find(node.Op);
            if (row is null)
            {
                _unsupported.Add($"op {node.Op}");
                continue;
            }

            MarkReads(node);
            var builder = new KernelBuilder(node, _context.Session, _context.Functions);
            try
            {
                Import.AttributeValidator.ValidateValues(node);
                kernels.Add((node, row.Factory(builder), builder.DroppedInputs));
            }
            catch (UnsupportedOpException e)
            {
                _unsupported.Add($"{e.Message} of op {node.Op} (node {node.Name})");
            }
            catch (StatusException e)
            {
                // TensorFlow makes kernels when they first run: the error belongs to that run.
                ServingStatus status = e.Status;
                kernels.Add((node, new LambdaKernel(_ => throw new StatusException(status)), []));
            }
        }

        return kernels;
    }

    /// <summary>For each step, the steps that it waits for by control edges, also through nodes that are no steps.</summary>
    private static Dictionary<Node, int[]> FindControlSteps(List<Node> order, List<(Node Node, OpKernel Kernel, IReadOnlyList<int> Dropped)> kernels)
    {
        var stepOf = new Dictionary<Node, int>(kernels.Count);
        foreach ((Node node, _, _) in kernels)
        {
            stepOf[node] = stepOf.Count;
        }

        var waits = new Dictionary<Node, int[]>();
        foreach (Node node in order)
        {
            bool isStep = stepOf.ContainsKey(node);
            SortedSet<int>? found = null;
            foreach (Node control in node.ControlInputs)
            {
                Add(control, ref found);
            }

            foreach (NodeOutput input in node.Inputs)
            {
                if (!isStep || !stepOf.ContainsKey(input.Node))
                {
                    Add(input.Node, ref found);
                }
            }

            if (found is not null)
            {
                waits[node] = [.. found];
            }
        }

        return waits;

        void Add(Node source, ref SortedSet<int>? found)
        {
            if (stepOf.TryGetValue(source, out int step))
            {
                (found ??= []).Add(step);
            }
            else if (waits.TryGetValue(source, out int[]? carried))
            {
                (found ??= []).UnionWith(carried);
            }
        }
    }

    /// <summary>Tells the session which resources this step may look at.</summary>
    private void MarkReads(Node node)
    {
        // What a branch or loop does with a handle is seen when its own graph is planned.
        if (node.Loop is not null || node.Attributes.Values.Values.Any(value =>
            value.ValueCase == Tensorflow.AttrValue.ValueOneofCase.Func || value.List is { Func.Count: > 0 }))
        {
            return;
        }

        foreach (NodeOutput input in node.Inputs)
        {
            if (input.Type == DType.Resource || Import.ReferenceReads.IsReference(input))
            {
                _context.Session.MarkReadInRuns(input.Constant is { } value && value.Objects is [Resources.ResourceHandle handle, ..] ? handle : null);
            }
        }
    }

    private void PlaceConstants(List<(Node Node, OpKernel Kernel, IReadOnlyList<int> Dropped)> kernels)
    {
        foreach ((Node node, _, IReadOnlyList<int> dropped) in kernels)
        {
            for (int i = 0; i < node.Inputs.Count; i++)
            {
                if (!dropped.Contains(i))
                {
                    Place(node.Inputs[i]);
                }
            }
        }

        foreach (NodeOutput result in _graph.Results)
        {
            Place(result);
        }

        void Place(NodeOutput output)
        {
            if (output.Constant is { } value && _slots.TryAdd(output, _slotCount))
            {
                _constants.Add((_slotCount++, value.AddRef()));
            }
        }
    }

    private HashSet<NodeOutput> FindRead(List<(Node Node, OpKernel Kernel, IReadOnlyList<int> Dropped)> kernels)
    {
        var read = new HashSet<NodeOutput>(_graph.Results);
        foreach ((Node node, _, _) in kernels)
        {
            read.UnionWith(node.Inputs);
        }

        // A reader that could not be made leaves a hole; the caller refuses the plan then.
        foreach (NodeOutput output in read)
        {
            _slots.TryAdd(output, -1);
        }

        foreach ((Node node, _, _) in kernels)
        {
            for (int i = 0; i < node.OutputTypes.Length; i++)
            {
                if (_slots.TryGetValue(node.Output(i), out int slot) && slot < 0)
                {
                    _slots.Remove(node.Output(i));
                }
            }
        }

        return read;
    }
}
