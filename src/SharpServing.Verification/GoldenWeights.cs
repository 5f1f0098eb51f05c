using System.Globalization;
using System.Runtime.InteropServices;

namespace SharpServing.Verification;

/// <summary>
/// Large weights that golden data describes instead of carrying: beside a missing FILE lies <c>FILE.weights.tsv</c>, lines of
/// tab-separated fields: <c>length BYTES</c>, <c>raw OFFSET BASE64</c>, <c>uniform OFFSET COUNT SEED LOW HIGH</c>.
/// </summary>
internal static class GoldenWeights
{
    private const string RecipeSuffix = ".weights.tsv";
    private const ulong Golden = 0x9E3779B97F4A7C15;

    /// <summary>The folder itself when nothing is missing in it, else a copy with the missing files made.</summary>
    /// <param name="folder">A version folder.</param>
    /// <param name="cache">Folder for the copies; one that is complete is used again.</param>
    public static string Materialize(string folder, string cache)
    {
        folder = Path.GetFullPath(folder);
        string[] recipes = Directory.GetFiles(folder, "*" + RecipeSuffix, SearchOption.AllDirectories);
        return recipes.Length == 0 ? folder : Materialize(folder, folder, cache);
    }

    /// <summary>A copy of <paramref name="model"/> with the files of <paramref name="overlay"/> laid over it, missing ones made.</summary>
    public static string Materialize(string model, string overlay, string cache)
    {
        string name = Path.GetFullPath(overlay).Replace('/', '_').Replace('\\', '_').Replace(':', '_').Trim('_');
        string target = Path.Combine(cache, name, Path.GetFileName(Path.TrimEndingDirectorySeparator(model)));
        string marker = Path.Combine(cache, name, "complete");
        if (File.Exists(marker))
        {
            return target;
        }

        Directory.CreateDirectory(Path.Combine(cache, name));
        using FileStream guard = OpenGuard(Path.Combine(cache, name, "guard"));
        if (File.Exists(marker))
        {
            return target;
        }

        CopyTree(model, target);
        if (overlay != model)
        {
            CopyTree(overlay, target);
        }

        File.WriteAllText(marker, "");
        return target;
    }

    /// <summary>One value of a uniform run: SplitMix64 of the seed, 24 bits of it scaled in double.</summary>
    public static void FillUniform(Span<float> target, ulong seed, double low, double high)
    {
        ulong state = seed;
        for (int k = 0; k < target.Length; k++)
        {
            state += Golden;
            ulong z = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            z ^= z >> 31;
            target[k] = (float)(low + ((z >> 40) * (1.0 / (1 << 24)) * (high - low)));
        }
    }

    /// <summary>Another process may be making the same copy: the second one waits for the first one's file.</summary>
    private static FileStream OpenGuard(string path)
    {
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (File.Exists(path))
            {
                Thread.Yield();
            }
        }
    }

    private static void CopyTree(string source, string target)
    {
        Directory.CreateDirectory(target);
        foreach (string file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            string copy = Path.Combine(target, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            if (file.EndsWith(RecipeSuffix, StringComparison.Ordinal))
            {
                MakeFile(file, copy[..^RecipeSuffix.Length]);
            }
            else
            {
                File.Copy(file, copy, overwrite: true);
            }
        }
    }

    private static void MakeFile(string recipe, string path)
    {
        using FileStream file = File.Create(path);
        foreach (string line in File.ReadLines(recipe))
        {
            string[] fields = line.Split('\t');
            long number = long.Parse(fields[1], CultureInfo.InvariantCulture);
            if (fields[0] == "length")
            {
                file.SetLength(number);
                continue;
            }

            file.Position = number;
            if (fields[0] == "raw")
            {
                file.Write(Convert.FromBase64String(fields[2]));
                continue;
            }

            var values = new float[int.Parse(fields[2], CultureInfo.InvariantCulture)];
            FillUniform(
                values,
                ulong.Parse(fields[3], CultureInfo.InvariantCulture),
                double.Parse(fields[4], CultureInfo.InvariantCulture),
                double.Parse(fields[5], CultureInfo.InvariantCulture));
            file.Write(MemoryMarshal.AsBytes(values.AsSpan()));
        }
    }
}
