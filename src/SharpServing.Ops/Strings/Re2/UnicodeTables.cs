using System.Globalization;

namespace SharpServing.Ops.Strings.Re2;

/// <summary>
/// Named classes and case folds of RE2. Its Unicode version is fixed by TensorFlow's, hence own tables and not .NET's.
/// Read when first asked for; immutable after that.
/// </summary>
internal static class UnicodeTables
{
    private static readonly Lazy<Dictionary<string, (int Low, int High)[]>> Classes = new(ReadClasses);
    private static readonly Lazy<(int Rune, int[] Orbit)[]> Folds = new(ReadFolds);

    /// <summary>Ranges of a general category (<c>Lu</c>, <c>L</c>), a script or <c>Any</c>; null: no such class.</summary>
    public static (int Low, int High)[]? Find(string name) => Classes.Value.GetValueOrDefault(name);

    /// <summary>Adds what differs from the members of a range only in case.</summary>
    public static void AddFolds(RuneSet set, int low, int high)
    {
        (int Rune, int[] Orbit)[] folds = Folds.Value;
        int at = System.Array.BinarySearch(folds, (low, []), Comparer<(int Rune, int[] Orbit)>.Create(static (a, b) => a.Rune.CompareTo(b.Rune)));
        for (at = at < 0 ? ~at : at; at < folds.Length && folds[at].Rune <= high; at++)
        {
            foreach (int other in folds[at].Orbit)
            {
                if (other < low || other > high)
                {
                    set.Add(other, other);
                }
            }
        }
    }

    private static Dictionary<string, (int Low, int High)[]> ReadClasses()
    {
        var classes = new Dictionary<string, (int, int)[]>(StringComparer.Ordinal) { ["Any"] = [(0, RuneSet.MaxRune)] };
        var majors = new Dictionary<string, RuneSet>(StringComparer.Ordinal);
        foreach (string line in ReadLines("re2_classes.txt"))
        {
            int tab = line.IndexOf('\t', StringComparison.Ordinal);
            classes[line[..tab]] = [.. line[(tab + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(ParseRange)];
            if (tab == 2)
            {
                // A major category is the sum of those that begin with its letter.
                System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(majors, line[..1], out _) ??= new RuneSet();
                foreach ((int low, int high) in classes[line[..tab]])
                {
                    majors[line[..1]].Add(low, high);
                }
            }
        }

        foreach ((string name, RuneSet set) in majors)
        {
            classes[name] = [.. set.Ranges];
        }

        return classes;
    }

    private static (int Low, int High) ParseRange(string range)
    {
        int dash = range.IndexOf('-', StringComparison.Ordinal);
        return dash < 0 ? (ParseRune(range), ParseRune(range)) : (ParseRune(range[..dash]), ParseRune(range[(dash + 1)..]));
    }

    private static (int Rune, int[] Orbit)[] ReadFolds()
    {
        var folds = new List<(int Rune, int[] Orbit)>();
        foreach (string line in ReadLines("re2_folds.txt"))
        {
            int[] orbit = [.. line.Split(' ').Select(ParseRune)];
            folds.AddRange(orbit.Select(rune => (rune, orbit)));
        }

        folds.Sort(static (a, b) => a.Rune.CompareTo(b.Rune));
        return [.. folds];
    }

    private static int ParseRune(string text) => int.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    private static IEnumerable<string> ReadLines(string resource)
    {
        using Stream stream = typeof(UnicodeTables).Assembly.GetManifestResourceStream(resource)
            ?? throw new InvalidOperationException($"The resource {resource} is missing from the assembly.");
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            if (line[0] != '#')
            {
                yield return line;
            }
        }
    }
}
