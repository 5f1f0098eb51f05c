using System.Collections.Frozen;
using System.Text;

namespace SharpServing.Runtime.OpDefs;

/// <summary>Kernels of the ops that TensorFlow has not for every dtype on the CPU; a node that asks for one that is missing fails the load.</summary>
internal static class KernelTable
{
    private static readonly Lazy<FrozenDictionary<string, string[]>> Rows = new(Read);

    /// <summary>The kernels of an op, as <c>device='CPU'; T in [DT_FLOAT]</c>, in TensorFlow's order; <see langword="null"/>: not in the table.</summary>
    public static string[]? Find(string op) => Rows.Value.GetValueOrDefault(op);

    /// <summary>True when a kernel runs on the CPU and takes these attributes.</summary>
    /// <param name="kernel">A line of <see cref="Find"/>.</param>
    /// <param name="typeOf">The enum name (<c>DT_FLOAT</c>) of a type attribute.</param>
    public static bool Fits(string kernel, Func<string, string> typeOf)
    {
        string[] parts = kernel.Split("; ");
        if (parts[0] is not ("device='CPU'" or "device='DEFAULT'"))
        {
            return false;
        }

        foreach (string constraint in parts[1..])
        {
            int at = constraint.IndexOf(" in [", StringComparison.Ordinal);
            string[] types = constraint[(at + 5)..^1].Split(", ");
            if (Array.IndexOf(types, typeOf(constraint[..at])) < 0)
            {
                return false;
            }
        }

        return true;
    }

    private static FrozenDictionary<string, string[]> Read()
    {
        using Stream stream = typeof(KernelTable).Assembly.GetManifestResourceStream("kernels.txt")
            ?? throw new InvalidOperationException("The resource kernels.txt is missing from the assembly.");
        using var reader = new StreamReader(stream, Encoding.ASCII);
        var rows = new Dictionary<string, string[]>(StringComparer.Ordinal);
        while (reader.ReadLine() is { } line)
        {
            if (line.Length > 0 && line[0] != '#')
            {
                string[] fields = line.Split('\t');
                rows.Add(fields[0], fields[1..]);
            }
        }

        return rows.ToFrozenDictionary(StringComparer.Ordinal);
    }
}
