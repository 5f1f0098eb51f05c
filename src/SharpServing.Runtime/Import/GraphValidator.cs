using SharpServing.Runtime.OpDefs;
using Tensorflow;

namespace SharpServing.Runtime.Import;

/// <summary>What TensorFlow refuses when a graph is loaded, whether or not anything reaches it.</summary>
internal static class GraphValidator
{
    private const int OldestProducer = 0;
    private const int ThisVersion = 2474;

    /// <exception cref="StatusException">The refusal with TensorFlow's code and text.</exception>
    public static void Validate(GraphDef graph, GraphImporter importer)
    {
        VersionDef versions = graph.Versions ?? new VersionDef();
        if (versions.MinConsumer > ThisVersion)
        {
            throw StatusException.InvalidArgument(
                $"GraphDef min consumer version {versions.MinConsumer} above current version {ThisVersion} for TensorFlow 2.21.0.  Please upgrade TensorFlow.");
        }

        if (versions.Producer < OldestProducer)
        {
            throw StatusException.InvalidArgument(
                $"GraphDef producer version {versions.Producer} below min producer {OldestProducer} supported by TensorFlow 2.21.0.  Please regenerate your graph.");
        }

        foreach (NodeDef node in graph.Node)
        {
            OpDefinition definition = importer.FindDefinition(node.Op);
            AttributeValidator.Validate(node, definition);
        }

        CheckInputs(graph);
        CheckCycles(graph);
    }

    private static void CheckInputs(GraphDef graph)
    {
        var names = new HashSet<string>(graph.Node.Count, StringComparer.Ordinal);
        foreach (NodeDef node in graph.Node)
        {
            names.Add(node.Name);
        }

        foreach (NodeDef node in graph.Node)
        {
            foreach (string input in node.Input)
            {
                if (!names.Contains(Source(input)))
                {
                    throw StatusException.InvalidArgument($"Node '{node.Name}': Unknown input node '{input}'");
                }
            }
        }
    }

    /// <summary>The node that an input names.</summary>
    private static string Source(string input) => input.StartsWith('^') ? input[1..] : TensorName.Parse(input).Node;

    /// <summary>Every cycle goes through a NextIteration, else the graph can never start.</summary>
    private static void CheckCycles(GraphDef graph)
    {
        var waiting = new Dictionary<string, int>(StringComparer.Ordinal);
        var readers = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        var ready = new Queue<string>();
        foreach (NodeDef node in graph.Node)
        {
            // What comes around a loop is not waited for.
            int count = node.Op is "NextIteration" or "RefNextIteration" ? 0 : node.Input.Count;
            waiting[node.Name] = count;
            if (count == 0)
            {
                ready.Enqueue(node.Name);
            }

            foreach (string input in node.Input)
            {
                string source = Source(input);
                if (!readers.TryGetValue(source, out List<string>? list))
                {
                    readers[source] = list = [];
                }

                list.Add(node.Name);
            }
        }

        int done = 0;
        while (ready.TryDequeue(out string? name))
        {
            done++;
            foreach (string reader in readers.GetValueOrDefault(name) ?? [])
            {
                if (--waiting[reader] == 0)
                {
                    ready.Enqueue(reader);
                }
            }
        }

        if (done < graph.Node.Count)
        {
            throw StatusException.InvalidArgument($"{graph.Node.Count - done} nodes in a cycle");
        }
    }
}
