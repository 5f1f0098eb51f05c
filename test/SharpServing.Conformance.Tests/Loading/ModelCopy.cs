using Google.Protobuf;
using SharpServing.SavedModel;
using SharpServing.TestSupport;
using Tensorflow.Serving;

namespace SharpServing.Conformance.Tests.Loading;

/// <summary>Version 123 of a fixture, by links, with files of its own in assets.extra.</summary>
internal sealed class ModelCopy : IDisposable
{
    private readonly string _version;

    public ModelCopy(string fixture)
    {
        _version = Path.Combine(Root, "123");
        Directory.CreateDirectory(Path.Combine(_version, "assets.extra"));
        string source = SharedData.PathOf("models", fixture, "00000123");
        foreach (string file in Directory.GetFiles(source))
        {
            File.CreateSymbolicLink(Path.Combine(_version, Path.GetFileName(file)), file);
        }

        foreach (string folder in Directory.GetDirectories(source))
        {
            Directory.CreateSymbolicLink(Path.Combine(_version, Path.GetFileName(folder)), folder);
        }
    }

    public string Root { get; } = Directory.CreateTempSubdirectory("conformance-copy-").FullName;

    public string WarmupFile => Path.Combine(_version, "assets.extra", "tf_serving_warmup_requests");

    public void WriteExtra(string name, ReadOnlySpan<byte> content) => File.WriteAllBytes(Path.Combine(_version, "assets.extra", name), content.ToArray());

    public void WriteWarmup(params PredictionLog[] logs) => WriteRecords([.. logs.Select(log => log.ToByteArray())]);

    public void WriteRecords(params byte[][] records)
    {
        using FileStream file = File.Create(WarmupFile);
        foreach (byte[] record in records)
        {
            TfRecords.Write(file, record);
        }
    }

    // A link in it is removed, and not what it leads to.
    public void Dispose() => Directory.Delete(Root, recursive: true);
}
