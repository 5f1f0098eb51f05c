using System.Runtime.InteropServices;

namespace SharpServing.Ops.Strings.Re2;

/// <summary>The groups that are open while a pattern is parsed, with what was built in each; the whole pattern is the outermost.</summary>
internal sealed class GroupStack(ProgramBuilder program)
{
    private readonly List<OpenGroup> _groups = [default];

    public int Count => _groups.Count;

    /// <summary>What a repetition applies to; null: nothing yet in this alternative.</summary>
    public Fragment? Last
    {
        get => Group.Last;
        set => Group.Last = value;
    }

    private ref OpenGroup Group => ref CollectionsMarshal.AsSpan(_groups)[^1];

    public void Push(in Fragment item)
    {
        ref OpenGroup group = ref Group;
        if (group.Last is { } last)
        {
            group.Items = group.Items is { } items ? program.Concatenate(items, last) : last;
        }

        group.Last = item;
    }

    public void Open(int number, PatternFlags flags) =>
        _groups.Add(new OpenGroup { OuterFlags = flags, Number = number, First = program.Position });

    public void EndAlternative()
    {
        ref OpenGroup group = ref Group;
        Fragment alternative = group.Last ?? program.Empty();
        if (group.Items is { } items)
        {
            alternative = program.Concatenate(items, alternative);
        }

        group.Alternatives = group.Alternatives is { } before ? program.Alternate(before, alternative) : alternative;
        group.Items = null;
        group.Last = null;
    }

    /// <summary>The innermost group as a whole.</summary>
    public Fragment Close()
    {
        EndAlternative();
        OpenGroup group = Group;
        Fragment body = group.Alternatives!.Value with { First = group.First };
        return group.Number > 0 ? program.Capture(body, group.First, group.Number) : body;
    }

    /// <summary>Ends the innermost group, which is then an item of the one around it; gives the flags to go back to.</summary>
    public PatternFlags CloseInner()
    {
        Fragment body = Close();
        PatternFlags flags = Group.OuterFlags;
        _groups.RemoveAt(_groups.Count - 1);
        Push(body);
        return flags;
    }
}
