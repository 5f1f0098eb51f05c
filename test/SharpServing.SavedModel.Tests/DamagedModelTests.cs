using System.Text.Json;
using SharpServing.TestSupport;

namespace SharpServing.SavedModel.Tests;

/// <summary>golden/third_party/_damaged.json: copies of good models with one thing broken, and what the original's loader says.</summary>
public sealed class DamagedModelTests
{
    /// <summary>Faults that only running the graph finds.</summary>
    private static readonly Dictionary<string, string> Skipped = new()
    {
        ["tf_StaticHashTableModule/assets/static_hashtable_asset.txt/deleted"] = "the table initializer reads the file",
        ["tf_StaticHashTableModule/assets/static_hashtable_asset.txt/first_0"] = "the table initializer reads the file",
    };

    public static TheoryData<string> Cases()
    {
        using JsonDocument file = Read();
        return new TheoryData<string>(file.RootElement.GetProperty("loads").EnumerateArray().Select(l => l.GetProperty("id").GetString()!));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void TryRead_DamagedCopy_GivesTheOriginalsStatus(string id)
    {
        using JsonDocument file = Read();
        JsonElement damage = file.RootElement.GetProperty("loads").EnumerateArray().First(l => l.GetProperty("id").GetString() == id);
        string directory = ModelFolders.CopyToTemporary(SharedData.PathOf("models", damage.GetProperty("of").GetString()!));
        try
        {
            foreach (JsonElement change in damage.GetProperty("changes").EnumerateArray())
            {
                Apply(directory, change);
            }

            ServingStatus status = GraphRestores.Load(directory, "serve");
            ServingStatus expected = damage.TryGetProperty("error", out JsonElement error)
                ? new ServingStatus(CodeOf(error), error.GetProperty("message").GetString()!.Replace("$MODEL", directory, StringComparison.Ordinal))
                : ServingStatus.Ok;
            if (Skipped.ContainsKey(id))
            {
                status.ShouldBe(ServingStatus.Ok);
                expected.IsOk.ShouldBeFalse();
            }
            else
            {
                (status.IsOk ? ServingStatus.Ok : status).ShouldBe(expected);
            }
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static JsonDocument Read() => JsonDocument.Parse(File.ReadAllBytes(SharedData.PathOf("golden", "third_party", "_damaged.json")));

    private static StatusCode CodeOf(JsonElement error)
    {
        StatusCodeNames.TryParse(error.GetProperty("code").GetString()!, out StatusCode code).ShouldBeTrue();
        return code;
    }

    private static void Apply(string directory, JsonElement change)
    {
        string path = Path.Combine(directory, change.GetProperty("file").GetString()!);
        switch (change.GetProperty("do").GetString())
        {
            case "delete":
                if (Directory.Exists(path))
                {
                    Directory.Delete(path, recursive: true);
                }
                else
                {
                    File.Delete(path);
                }

                break;
            case "truncate":
                using (FileStream file = File.OpenWrite(path))
                {
                    file.SetLength(change.GetProperty("bytes").GetInt64());
                }

                break;
            case "xor":
                byte[] bytes = File.ReadAllBytes(path);
                for (int i = 0; i < change.GetProperty("bytes").GetInt32(); i++)
                {
                    bytes[change.GetProperty("at").GetInt32() + i] ^= 0xFF;
                }

                File.WriteAllBytes(path, bytes);
                break;
            case "append":
                File.AppendAllBytes(path, change.GetProperty("data").GetBytesFromBase64());
                break;
            case "write":
                File.WriteAllBytes(path, change.GetProperty("data").GetBytesFromBase64());
                break;
            case "mkdir":
                Directory.CreateDirectory(path);
                break;
            case string other:
                throw new InvalidOperationException(other);
        }
    }
}
