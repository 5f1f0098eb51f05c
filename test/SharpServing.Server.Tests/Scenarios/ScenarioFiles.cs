using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace SharpServing.Server.Tests.Scenarios;

/// <summary>The steps of a scenario that change files.</summary>
internal static class ScenarioFiles
{
    /// <returns>False: the step is of another kind.</returns>
    public static bool TryPlay(JsonElement step, ScenarioPlace place)
    {
        if (step.TryGetProperty("write", out JsonElement path))
        {
            Write(place.Place(path.GetString()!), step, place);
        }
        else if (step.TryGetProperty("copy_model", out JsonElement model))
        {
            ScenarioPlace.Copy(ScenarioPlace.ModelFolder(model.GetString()!), place.Place(step.GetProperty("to").GetString()!));
        }
        else if (step.TryGetProperty("copy_version", out JsonElement version))
        {
            CopyVersion(version.GetString()!, place.Place(step.GetProperty("to").GetString()!), place);
        }
        else if (step.TryGetProperty("mkdir", out JsonElement folder))
        {
            Directory.CreateDirectory(place.Place(folder.GetString()!));
        }
        else if (step.TryGetProperty("remove", out JsonElement gone))
        {
            Remove(place.Place(gone.GetString()!));
        }
        else if (step.TryGetProperty("rename", out JsonElement names))
        {
            Directory.Move(place.Place(names[0].GetString()!), place.Place(names[1].GetString()!));
        }
        else if (step.TryGetProperty("symlink", out JsonElement link))
        {
            Directory.CreateSymbolicLink(place.Place(link[1].GetString()!), place.Place(link[0].GetString()!));
        }
        else
        {
            return false;
        }

        return true;
    }

    private static void Write(string file, JsonElement step, ScenarioPlace place)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        byte[] bytes = step.TryGetProperty("text", out JsonElement text) ? Encoding.UTF8.GetBytes(place.PlaceContent(text.GetString()!))
            : step.TryGetProperty("b64", out JsonElement content) ? content.GetBytesFromBase64()
            : WarmupRecords(step);
        File.WriteAllBytes(file, bytes);
    }

    /// <summary>Moved into place whole: the server's poll may be quicker than a copy.</summary>
    private static void CopyVersion(string version, string to, ScenarioPlace place)
    {
        string staged = Path.Combine(place.Root, "staged");
        string[] parts = version.Split('/');
        ScenarioPlace.Copy(Path.Combine(ScenarioPlace.ModelFolder(parts[0]), parts[1]), staged);
        Directory.CreateDirectory(Path.GetDirectoryName(to)!);
        if (Directory.Exists(to))
        {
            ScenarioPlace.Copy(staged, to);
            Directory.Delete(staged, recursive: true);
        }
        else
        {
            Directory.Move(staged, to);
        }
    }

    private static void Remove(string target)
    {
        if (Directory.Exists(target))
        {
            Directory.Delete(target, recursive: true);
        }
        else
        {
            File.Delete(target);
        }
    }

    /// <summary>Of a long file only length and hash are recorded: it is one record many times.</summary>
    private static byte[] WarmupRecords(JsonElement step)
    {
        byte[] record = Convert.FromBase64String(
            "PgAAAAAAAADZ0kDnMjwKOgofCgh3aGF0ZXZlchICCE0aD3NlcnZpbmdfZGVmYXVsdBIXCgF4EhIIARIEEgIIAioIAACAPwAAAEACwNJT");
        byte[] bytes = [.. Enumerable.Repeat(record, step.GetProperty("length").GetInt32() / record.Length).SelectMany(copy => copy)];
        Convert.ToHexStringLower(SHA256.HashData(bytes)).ShouldBe(step.GetProperty("sha256").GetString());
        return bytes;
    }
}
