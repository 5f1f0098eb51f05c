using SharpServing.Runtime.Graphs;
using SharpServing.Runtime.Import;
using SharpServing.Runtime.Passes;
using SharpServing.Runtime.Planning;
using SharpServing.Runtime.Registry;
using SharpServing.Runtime.Resources;
using Tensorflow;

namespace SharpServing.Runtime.Sessions;

/// <summary>One GraphDef with its state. Callables are compiled when first asked for and kept.</summary>
public sealed class GraphSession : IGraphSession
{
    private readonly OpRegistry _registry;
    private readonly FunctionLibrary _library;
    private readonly GraphImporter _importer;
    private readonly PassList _passes;
    private readonly GraphSessionOptions _options;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, GraphCallable> _callables = new(StringComparer.Ordinal);
    private readonly Queue<string> _ages = new();
    private readonly List<(string[] Feeds, string[] Fetches, CompiledCallable Callable)> _signatures = [];

    /// <summary>Feeds of signatures by name, as a request without them has them: no more than there are feeds.</summary>
    private readonly Dictionary<string, CompiledCallable> _defaults = new(StringComparer.Ordinal);

    /// <summary>The nodes in TensorFlow's order; empty once their devices and kernels have been looked at.</summary>
    private List<NodeDef> _unplaced;
    private bool _weightsReleased;

    /// <exception cref="StatusException">The graph is refused, with TensorFlow's code and text.</exception>
    public GraphSession(GraphDef graph, OpRegistry registry, GraphSessionOptions options)
    {
        _registry = registry;
        _options = options;
        _passes = new PassList(options.GraphPasses);
        _library = new FunctionLibrary(graph.Library ?? new FunctionDefLibrary());
        var index = new GraphIndex(graph);
        _importer = new GraphImporter(index, _library);
        _unplaced = GraphValidator.Validate(graph, _importer);
        if (!options.PlaceWhenCompiled)
        {
            Place();
        }
    }

    /// <summary>Variables, tables and other resources.</summary>
    public SessionState State { get; } = new();

    public ServingStatus TryPrepare(ReadOnlySpan<string> feeds, ReadOnlySpan<string> fetches, ReadOnlySpan<string> targets, out GraphCallable? callable)
    {
        string key = $"{string.Join('\n', feeds)}\n\n{string.Join('\n', fetches)}\n\n{string.Join('\n', targets)}";
        lock (_lock)
        {
            if (_callables.TryGetValue(key, out GraphCallable? known))
            {
                callable = known;
                return ServingStatus.Ok;
            }

            try
            {
                if (fetches.IsEmpty && targets.IsEmpty)
                {
                    throw StatusException.InvalidArgument("Must specify at least one target to fetch or execute.");
                }

                GraphCallable made = FindSubset(feeds, fetches, targets) ?? CompileSignature(feeds, fetches, targets);
                callable = made;
                _callables.Add(key, made);
                if (_weightsReleased || !State.IsFrozen)
                {
                    _ages.Enqueue(key);
                }

                while (_ages.Count > _options.MaxCachedCallables && _ages.TryDequeue(out string? oldest))
                {
                    _callables.Remove(oldest);
                }

                return ServingStatus.Ok;
            }
            catch (StatusException e)
            {
                callable = null;
                return e.Status;
            }
        }
    }

    /// <summary>
    /// Says which callables will ever run (the signatures of a SavedModel): a variable that none of them writes becomes a constant of the plans
    /// that are compiled from now on.
    /// </summary>
    /// <exception cref="StatusException">A name does not exist or the graph is broken.</exception>
    public void Freeze(IEnumerable<(string[] Feeds, string[] Fetches)> signatures)
    {
        lock (_lock)
        {
            using var scope = new ConstantScope();
            using Kernels.ComputeMode mode = Kernels.ComputeMode.Enter();
            foreach ((string[] feeds, string[] fetches) in signatures)
            {
                Graph graph;
                try
                {
                    graph = _importer.Import(feeds, fetches, []);
                }
                catch (StatusException)
                {
                    // Such a signature never runs: its request is answered with this error.
                    continue;
                }

                var functions = new FunctionCompiler(_registry, _library, _importer, State, _passes);
                var context = new PassContext(_registry, _library, _importer, State, functions);
                new InlineCalls().Run(graph, context);
                new StructureLoops().Run(graph, context);
                WriteAnalysis.MarkWritten(graph, context);
            }

            _callables.Clear();
            _ages.Clear();
            State.ForgetReads();
            State.IsFrozen = true;
            State.Folded ??= new FoldedConstants();
        }
    }

    /// <summary>
    /// Gives back the plain form of weights once all signatures are compiled: plans hold what they need, packed or not. What is asked for
    /// afterwards is answered from the compiled signatures.
    /// </summary>
    public void ReleaseWeights()
    {
        lock (_lock)
        {
            _weightsReleased = true;
            State.Folded?.Dispose();
            State.Folded = null;
            foreach (ResourceHandle handle in State.Handles)
            {
                if (handle.Resource is Variable variable && !State.IsWritten(handle) && !State.IsReadInRuns(handle))
                {
                    variable.Assign(null);
                }
            }
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            foreach (CompiledCallable callable in _signatures.Select(signature => signature.Callable).Concat(_defaults.Values))
            {
                callable.Release();
            }

            _signatures.Clear();
            _callables.Clear();
            State.Dispose();
        }
    }

    /// <summary>Looks at kernels and devices in the original's order: what makes values out of nothing is placed after its readers.</summary>
    private void Place()
    {
        const int FirstNode = 2;
        for (int i = 0; i < _unplaced.Count; i++)
        {
            KernelValidator.Validate(_unplaced[i]);
            DeviceValidator.CheckForm(_unplaced[i], FirstNode + i);
        }

        foreach (bool generators in (ReadOnlySpan<bool>)[false, true])
        {
            foreach (NodeDef node in _unplaced)
            {
                if (node.Device.Length > 0 && IsGenerator(node) == generators)
                {
                    DeviceValidator.CheckAvailable(node, _options.AllowSoftPlacement);
                }
            }
        }

        _unplaced = [];
    }

    private bool IsGenerator(NodeDef node) =>
        !node.Input.Any(input => !input.StartsWith('^')) && _importer.FindDefinition(node.Op).Outputs is [{ IsReference: false, TypeListAttribute: null, NumberAttribute: null }];

    private GraphCallable? FindSubset(ReadOnlySpan<string> feeds, ReadOnlySpan<string> fetches, ReadOnlySpan<string> targets)
    {
        if (!_weightsReleased || !targets.IsEmpty || fetches.IsEmpty)
        {
            return null;
        }

        for (int i = 1; i < feeds.Length; i++)
        {
            if (feeds[..i].Contains(feeds[i]))
            {
                // Refused by the import.
                return null;
            }
        }

        // A signature with all the feeds is the one that is meant; with others, the one that leaves least out.
        (string[] Feeds, string[] Fetches, CompiledCallable Callable)? best = null;
        foreach ((string[] Feeds, string[] Fetches, CompiledCallable Callable) signature in _signatures)
        {
            if (Covers(signature.Feeds, feeds) && Covers(signature.Fetches, fetches) && (best is null || signature.Feeds.Length < best.Value.Feeds.Length))
            {
                best = signature;
            }
        }

        return best is { } found ? MakeSubset(found.Feeds, found.Fetches, found.Callable, feeds, fetches) : null;
    }

    private static bool Covers(string[] all, ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            if (Array.IndexOf(all, name) < 0)
            {
                return false;
            }
        }

        return true;
    }

    private SubsetCallable MakeSubset(string[] allFeeds, string[] allFetches, CompiledCallable whole, ReadOnlySpan<string> feeds, ReadOnlySpan<string> fetches)
    {
        int[] results = new int[fetches.Length];
        for (int i = 0; i < results.Length; i++)
        {
            results[i] = Array.IndexOf(allFetches, fetches[i]);
        }

        CompiledCallable part = whole.Subset(results, fetches.ToArray().Select(fetch => TensorName.Parse(fetch).Node));
        bool[] isRead = part.FindReadFeeds();
        int[] order = new int[allFeeds.Length];
        var defaults = new CompiledCallable?[allFeeds.Length];
        for (int i = 0; i < order.Length; i++)
        {
            order[i] = feeds.IndexOf(allFeeds[i]);
            defaults[i] = order[i] < 0 && isRead[i] ? FindDefault(allFeeds[i]) : null;
        }

        return new SubsetCallable(part, order, defaults);
    }

    /// <summary>What the graph itself makes of a tensor that is usually fed.</summary>
    private CompiledCallable FindDefault(string feed)
    {
        if (!_defaults.TryGetValue(feed, out CompiledCallable? made))
        {
            made = Compile([], [feed], []);
            _defaults.Add(feed, made);
        }

        return made;
    }

    private CompiledCallable CompileSignature(ReadOnlySpan<string> feeds, ReadOnlySpan<string> fetches, ReadOnlySpan<string> targets)
    {
        CompiledCallable made = Compile(feeds, fetches, targets);
        _signatures.Add((feeds.ToArray(), fetches.ToArray(), made));
        return made;
    }

    private CompiledCallable Compile(ReadOnlySpan<string> feeds, ReadOnlySpan<string> fetches, ReadOnlySpan<string> targets)
    {
        using var scope = new ConstantScope();
        using Kernels.ComputeMode mode = Kernels.ComputeMode.Enter();
        Place();
        Graph graph = _importer.Import(feeds, fetches, targets);
        var compiler = new FunctionCompiler(_registry, _library, _importer, State, _passes) { GraphReady = _options.GraphReady };
        Plan plan = compiler.CompileMain(graph);
        return new CompiledCallable(plan, [.. graph.Arguments.Select(argument => (argument.Name, argument.OutputTypes[0]))], State, compiler.Plans);
    }
}
