using SharpServing.Protos.Inference;
using SharpServing.Runtime;
using SharpServing.Serving;
using SharpServing.Tensors;
using Tensorflow.Serving;

namespace SharpServing.Server.Services.Inference;

/// <summary>
/// Inferences on the same Examples as one run of the graph: every tensor that takes the Examples is fed, sorted by name, and all outputs are
/// fetched together, so that tasks share what they have in common, effects too. Source: servables/tensorflow/multi_inference.cc.
/// </summary>
internal sealed class InferenceRun
{
    private readonly IReadOnlyList<PlannedInference> _tasks;
    private readonly GraphCallable _callable;
    private readonly int _feedCount;
    private readonly int _fetchCount;

    /// <summary>For each task, which fetches are its outputs.</summary>
    private readonly int[][] _sources;

    private InferenceRun(IReadOnlyList<PlannedInference> tasks, GraphCallable callable, int feedCount, int fetchCount, int[][] sources)
    {
        _tasks = tasks;
        _callable = callable;
        _feedCount = feedCount;
        _fetchCount = fetchCount;
        _sources = sources;
    }

    /// <param name="tasks">One at least, all of signatures of <paramref name="session"/>.</param>
    /// <returns>The session's error.</returns>
    public static ServingStatus TryPrepare(IGraphSession session, IReadOnlyList<PlannedInference> tasks, out InferenceRun? run)
    {
        run = null;
        if (tasks.Count == 1)
        {
            ServingStatus single = tasks[0].Signature.TryPrepare(tasks[0].Outputs, out PreparedCall? call);
            if (single.IsOk)
            {
                run = new InferenceRun(tasks, call!.Callable, 1, call.FetchCount, [call.Sources]);
            }

            return single;
        }

        var feeds = new SortedSet<string>(StringComparer.Ordinal);
        var fetches = new List<string>();
        int[][] sources = new int[tasks.Count][];
        for (int i = 0; i < sources.Length; i++)
        {
            PlannedInference task = tasks[i];
            feeds.Add(task.Feed);
            sources[i] = Array.ConvertAll(task.Outputs, alias => AddOrFind(fetches, task.Signature.TensorOfOutput(alias)));
        }

        ServingStatus status = session.TryPrepare(feeds.ToArray(), fetches.ToArray(), [], out GraphCallable? callable);
        if (status.IsOk)
        {
            run = new InferenceRun(tasks, callable!, feeds.Count, fetches.Count, sources);
        }

        return status;
    }

    /// <param name="examples">Borrowed.</param>
    /// <param name="id">What answers say they come from.</param>
    /// <param name="response">An answer a task, in their order; empty when the status is not OK.</param>
    public ServingStatus Run(Tensor examples, ServableId id, CancellationToken cancellation, out MultiInferenceAnswer response)
    {
        response = new MultiInferenceAnswer();
        var feeds = new Tensor[_feedCount];
        Array.Fill(feeds, examples);
        var fetched = new Tensor?[_fetchCount];
        try
        {
            ServingStatus status = _callable.Run(feeds, fetched, cancellation);
            for (int i = 0; status.IsOk && i < _sources.Length; i++)
            {
                PlannedInference task = _tasks[i];
                var result = new InferenceAnswer
                {
                    ModelSpec = new ModelSpec { Name = id.Name, Version = id.Version, SignatureName = task.Signature.Name },
                };
                status = task.Method.Read(examples.Shape[0], task.Outputs, Array.ConvertAll(_sources[i], source => fetched[source]), result);
                response.Results.Add(result);
            }

            return status;
        }
        finally
        {
            foreach (Tensor? tensor in fetched)
            {
                tensor?.Release();
            }
        }
    }

    private static int AddOrFind(List<string> names, string name)
    {
        int known = names.IndexOf(name);
        if (known >= 0)
        {
            return known;
        }

        names.Add(name);
        return names.Count - 1;
    }
}
