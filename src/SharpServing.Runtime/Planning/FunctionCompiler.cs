using SharpServing.Runtime.Graphs;
using SharpServing.Runtime.Import;
using SharpServing.Runtime.Passes;
using SharpServing.Runtime.Registry;
using SharpServing.Runtime.Resources;
using SharpServing.Tensors;
using Tensorflow;

namespace SharpServing.Runtime.Planning;

/// <summary>
/// Graph → passes → plan, for callables and for the functions that their nodes call. One for each callable: it gathers everything
/// unsupported that the callable can reach.
/// </summary>
internal sealed class FunctionCompiler : IFunctionCompiler
{
    private readonly OpRegistry _registry;
    private readonly FunctionLibrary _library;
    private readonly GraphImporter _importer;
    private readonly SessionState _session;
    private readonly PassList _passes;
    private readonly Dictionary<string, CompiledFunction> _unspecialized = new(StringComparer.Ordinal);
    private readonly Queue<CompiledFunction> _pending = new();
    private readonly List<string> _unsupported = [];

    public FunctionCompiler(OpRegistry registry, FunctionLibrary library, GraphImporter importer, SessionState session, PassList passes)
    {
        _registry = registry;
        _library = library;
        _importer = importer;
        _session = session;
        _passes = passes;
    }

    /// <summary>See <see cref="Sessions.GraphSessionOptions.GraphReady"/>.</summary>
    public Action<Graph>? GraphReady { get; init; }

    public List<Plan> Plans { get; } = [];

    /// <summary>Compiles a main graph and every function it can reach.</summary>
    /// <exception cref="StatusException">UNIMPLEMENTED with the complete list of what is not supported; or the graph is broken.</exception>
    public Plan CompileMain(Graph graph)
    {
        Plan plan = ToPlan(graph);
        while (_pending.TryDequeue(out CompiledFunction? function))
        {
            _ = function.Plan;
        }

        if (_unsupported.Count > 0)
        {
            throw StatusException.Unimplemented($"SharpServing does not support: {string.Join("; ", _unsupported.Distinct(StringComparer.Ordinal))}");
        }

        return plan;
    }

    public CompiledFunction Compile(NameAttrList function, IReadOnlyList<Tensor?> constants)
    {
        FunctionDef def = Find(function);
        int results = _library.TypesOf(def, function.Attr).Results.Length;
        bool specialized = constants.Any(value => value is not null);
        string key = function.Attr.Count == 0 ? function.Name : $"{function.Name}{function.Attr}";
        if (!specialized && _unspecialized.TryGetValue(key, out CompiledFunction? known))
        {
            return known;
        }

        CompiledFunction compiled = Defer(function.Name, results, () => _importer.ImportFunction(def, function.Attr), constants);
        if (!specialized)
        {
            _unspecialized.Add(key, compiled);
        }

        return compiled;
    }

    public CompiledFunction Compile(Graph graph, string name, IReadOnlyList<Tensor?> constants) =>
        Defer(name, graph.Results.Count, () => graph, constants);

    public (DType[] Arguments, DType[] Results) TypesOf(NameAttrList function) => _library.TypesOf(Find(function), function.Attr);

    public bool[] FindInvariants(NameAttrList body) => _library.Find(body.Name) is { } def ? LoopInvariants.Find(def) : [];

    private FunctionDef Find(NameAttrList function) =>
        _library.Find(function.Name) ?? throw StatusException.InvalidArgument($"Function {function.Name} is not defined.");

    private CompiledFunction Defer(string name, int results, Func<Graph> import, IReadOnlyList<Tensor?> constants)
    {
        Tensor?[] kept = [.. constants.Select(value => value?.AddRef())];
        var compiled = new CompiledFunction(name, results, () =>
        {
            Graph graph = import();
            var replacements = new Dictionary<Graphs.NodeOutput, Graphs.NodeOutput>();
            for (int i = 0; i < kept.Length && i < graph.Arguments.Count; i++)
            {
                if (kept[i] is { } value)
                {
                    replacements[graph.Arguments[i].Output(0)] = Graph.MakeConstant($"arg{i}", value).Output(0);
                }
            }

            graph.Redirect(replacements);
            return ToPlan(graph);
        });
        _pending.Enqueue(compiled);
        return compiled;
    }

    private Plan ToPlan(Graph graph)
    {
        var context = new PassContext(_registry, _library, _importer, _session, this);
        _passes.Run(graph, context);
        GraphReady?.Invoke(graph);
        Plan plan = new Planner(graph, context, _unsupported).Build();
        Plans.Add(plan);
        return plan;
    }
}
