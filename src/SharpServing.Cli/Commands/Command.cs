namespace SharpServing.Cli.Commands;

/// <summary>One command: its row in the help and what it does.</summary>
/// <param name="Name">First argument.</param>
/// <param name="Summary">One line.</param>
/// <param name="RunAsync">Takes the arguments behind the name, gives the exit status.</param>
internal sealed record Command(string Name, string Summary, Func<string[], Task<int>> RunAsync);
