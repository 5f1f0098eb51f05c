namespace SharpServing.Batching;

/// <summary>Tasks that are processed together, in the order in which they came.</summary>
public sealed class Batch<TTask>
    where TTask : class, IBatchTask
{
    private readonly List<TTask> _tasks = [];

    public IReadOnlyList<TTask> Tasks => _tasks;

    /// <summary>Sum of the tasks' sizes.</summary>
    public int Size { get; private set; }

    internal void Add(TTask task)
    {
        _tasks.Add(task);
        Size += task.Size;
    }
}
