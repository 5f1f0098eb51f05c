using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Google.Protobuf;
using SharpServing.SavedModel.Tables;
using SharpServing.SavedModel.Tests;
using SharpServing.TestSupport;
using Tensorflow;

namespace SharpServing.EndToEnd.Tests;

/// <summary>Versions of y = a x + b, real SavedModels whose two variables say which version they belong to.</summary>
internal static class HalfPlusTwoCopies
{
    private const string DataFile = "variables.data-00000-of-00001";

    /// <summary>What version <paramref name="version"/> answers; no mixture of two versions gives it.</summary>
    public static float Answer(long version, float x) => (version * x) + (100 * version);

    /// <summary>Lays version <paramref name="version"/> into <paramref name="root"/> in one step.</summary>
    public static void Bring(string root, long version, bool isCut)
    {
        string name = version.ToString(CultureInfo.InvariantCulture);
        string staged = Path.Combine(root, "staged");
        string source = SharedData.PathOf("models", "tfs_half_plus_two_cpu", "00000123");
        string variables = Path.Combine(staged, "variables");
        Directory.CreateDirectory(variables);
        File.Copy(Path.Combine(source, "saved_model.pb"), Path.Combine(staged, "saved_model.pb"));
        Directory.CreateDirectory(Path.Combine(staged, "assets"));
        File.Copy(Path.Combine(source, "assets", "foo.txt"), Path.Combine(staged, "assets", "foo.txt"));
        byte[] data = File.ReadAllBytes(Path.Combine(source, "variables", DataFile));
        File.WriteAllBytes(Path.Combine(variables, "variables.index"), Patch(Path.Combine(source, "variables", "variables.index"), data, version));
        File.WriteAllBytes(Path.Combine(variables, DataFile), isCut ? data[..(data.Length / 2)] : data);
        Directory.Move(staged, Path.Combine(root, name));
    }

    /// <summary>Other values for a and b, and the checksums that go with them.</summary>
    private static byte[] Patch(string index, byte[] data, long version)
    {
        SsTable.TryOpen(index, out SsTable? table).ShouldBe(ServingStatus.Ok);
        using SsTable opened = table!;
        var entries = new List<(byte[], byte[])>();
        foreach ((byte[] key, ReadOnlyMemory<byte> value) in opened.ReadAll())
        {
            string variable = Encoding.UTF8.GetString(key);
            if (variable is not ("a" or "b"))
            {
                entries.Add((key, value.ToArray()));
                continue;
            }

            BundleEntryProto entry = BundleEntryProto.Parser.ParseFrom(value.Span);
            Span<byte> bytes = data.AsSpan((int)entry.Offset, (int)entry.Size);
            BinaryPrimitives.WriteSingleLittleEndian(bytes, variable == "a" ? version : 100 * version);
            entry.Crc32C = Crc32C.Mask(Crc32C.Compute(bytes));
            entries.Add((key, entry.ToByteArray()));
        }

        return TableWriter.Write(entries);
    }
}
