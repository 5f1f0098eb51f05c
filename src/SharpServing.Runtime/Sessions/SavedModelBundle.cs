using SharpServing.Runtime.Registry;
using SharpServing.SavedModel;
using SharpServing.Tensors;
using Tensorflow;

namespace SharpServing.Runtime.Sessions;

/// <summary>A SavedModel version, read, restored, initialised and ready to run.</summary>
public sealed class SavedModelBundle : IDisposable
{
    private SavedModelBundle(SavedModelGraph graph, GraphSession session)
    {
        Graph = graph;
        Session = session;
    }

    public SavedModelGraph Graph { get; }

    public MetaGraphDef MetaGraph => Graph.MetaGraph;

    public GraphSession Session { get; }

    /// <summary>
    /// Reads <paramref name="directory"/>, runs its restore and init ops, and compiles every signature, so that whatever is not supported is
    /// known now and not at the first request.
    /// </summary>
    /// <exception cref="StatusException">The loader's code and text; UNIMPLEMENTED with the complete list of what we do not support.</exception>
    public static SavedModelBundle Load(string directory, IReadOnlyCollection<string> tags, OpRegistry registry, GraphSessionOptions options)
    {
        ServingStatus status = SavedModelReader.TryRead(directory, tags, out SavedModelGraph? graph);
        if (!status.IsOk)
        {
            throw new StatusException(status);
        }

        var session = new GraphSession(graph!.MetaGraph.GraphDef, registry, options with { PlaceWhenCompiled = true });
        try
        {
            RunOnce(session, graph, graph.RestoreOp, withCheckpoint: true);
            RunOnce(session, graph, graph.InitOp, withCheckpoint: false);
            CompileSignatures(session, graph, options.RunsWithOthers);
            return new SavedModelBundle(graph, session);
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    public void Dispose() => Session.Dispose();

    /// <summary>The tensors of a signature's inputs or outputs that are one tensor each (a sparse one has no name of its own).</summary>
    private static string[] TensorNames(IEnumerable<TensorInfo> infos) =>
        [.. infos.Where(info => info.EncodingCase == TensorInfo.EncodingOneofCase.Name && info.Name.Length > 0)
            .Select(info => info.Name).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    private static void RunOnce(GraphSession session, SavedModelGraph graph, string? op, bool withCheckpoint)
    {
        if (op is null)
        {
            return;
        }

        var names = new List<string>();
        var values = new List<Tensor>();
        try
        {
            if (withCheckpoint && graph.FilenameTensor is { } filename)
            {
                names.Add(filename);
                values.Add(Tensor.FromStrings([graph.VariablesPrefix!], Shape.Scalar));
            }

            foreach (SavedModelAsset asset in graph.Assets)
            {
                if (!names.Contains(asset.TensorName))
                {
                    names.Add(asset.TensorName);
                    values.Add(Tensor.FromStrings([asset.Path], Shape.Scalar));
                }
            }

            ServingStatus status = session.TryPrepare(names.ToArray(), [], [op], out GraphCallable? callable);
            if (status.IsOk)
            {
                status = callable!.Run(values.ToArray(), [], CancellationToken.None);
            }

            if (!status.IsOk)
            {
                throw new StatusException(status);
            }
        }
        finally
        {
            foreach (Tensor value in values)
            {
                value.Release();
            }
        }
    }

    private static void CompileSignatures(GraphSession session, SavedModelGraph graph, Func<SignatureDef, bool> runsWithOthers)
    {
        var signatures = new List<CompiledSignature>();
        foreach ((string name, SignatureDef signature) in graph.MetaGraph.SignatureDef)
        {
            if (name == SavedModelReader.InitOpKey)
            {
                continue;
            }

            string[] feeds = TensorNames(signature.Inputs.Values);
            string[] fetches = TensorNames(signature.Outputs.Values);
            if (fetches.Length > 0 && !feeds.Intersect(fetches, StringComparer.Ordinal).Any())
            {
                signatures.Add(new CompiledSignature(feeds, fetches, runsWithOthers(signature)));
            }
        }

        session.Freeze(signatures.Select(signature => (signature.Feeds, signature.Fetches)));
        if (graph.VariablesPrefix is { } prefix)
        {
            ObjectGraphRestore.Run(prefix, session.State);
        }

        var unsupported = new List<string>();
        var together = new List<CompiledSignature>();
        foreach (CompiledSignature signature in signatures)
        {
            // A signature that names a tensor which does not exist is found out by its first request, as in the original.
            ServingStatus status = session.TryPrepare(signature.Feeds, signature.Fetches, [], out _);
            if (status.Code == StatusCode.Unimplemented && status.Message.StartsWith("SharpServing does not support", StringComparison.Ordinal))
            {
                unsupported.Add(status.Message["SharpServing does not support: ".Length..]);
            }
            else if (status.IsOk && signature.RunsWithOthers)
            {
                together.Add(signature);
            }
        }

        if (together.Count > 1)
        {
            // Refused when one signature's output is another's input: a request for both is refused the same way.
            session.TryPrepare(Union(together, signature => signature.Feeds), Union(together, signature => signature.Fetches), [], out _);
        }

        session.ReleaseWeights();
        if (unsupported.Count > 0)
        {
            string list = string.Join("; ", unsupported.SelectMany(text => text.Split("; ")).Distinct(StringComparer.Ordinal));
            throw StatusException.Unimplemented($"SharpServing does not support: {list}");
        }
    }

    private static string[] Union(List<CompiledSignature> signatures, Func<CompiledSignature, string[]> names) =>
        [.. signatures.SelectMany(names).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    private sealed record CompiledSignature(string[] Feeds, string[] Fetches, bool RunsWithOthers);
}
