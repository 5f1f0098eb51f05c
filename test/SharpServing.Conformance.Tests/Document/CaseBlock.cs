namespace SharpServing.Conformance.Tests.Document;

/// <summary>
/// A case with a heading of its own (id, and what it is about), below the heading of a section such as <c>C1</c> or <c>E</c>; lines and
/// fenced texts follow.
/// </summary>
internal sealed record CaseBlock(string Id, string About, string Section, IReadOnlyList<string> Lines)
{
    /// <summary>Text between grave accents behind <paramref name="name"/> and a colon.</summary>
    public string Value(string name) => Find(name) ?? throw new InvalidDataException($"{Id} has no '{name}'.");

    public string? Find(string name)
    {
        string? line = Lines.FirstOrDefault(line => line.StartsWith(name + ":", StringComparison.Ordinal));
        return line is null ? null : line[(line.IndexOf('`', StringComparison.Ordinal) + 1)..line.LastIndexOf('`')];
    }

    /// <summary>The line that begins so.</summary>
    public string Line(string beginning) =>
        Lines.FirstOrDefault(line => line.StartsWith(beginning, StringComparison.Ordinal)) ?? throw new InvalidDataException($"{Id} has no '{beginning}'.");

    /// <summary>The fenced text below the line that begins so; null: there is none.</summary>
    public string? Fenced(string beginning)
    {
        int at = Lines.ToList().FindIndex(line => line.StartsWith(beginning, StringComparison.Ordinal)) + 1;
        if (at == 0 || at >= Lines.Count || !Lines[at].StartsWith("```", StringComparison.Ordinal))
        {
            return null;
        }

        return string.Join('\n', Lines.Skip(at + 1).TakeWhile(line => line != "```"));
    }
}
