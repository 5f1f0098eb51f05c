using System.Text;
using FsCheck;
using FsCheck.Fluent;
using IronSnappy;
using SharpServing.SavedModel.Tables;
using SharpServing.TestSupport;

namespace SharpServing.SavedModel.Tests;

public sealed class TableTests : IDisposable
{
    private readonly string _path = Path.Combine(Directory.CreateDirectory(Path.Combine(SharedData.Cache, "temporary")).FullName, Guid.NewGuid().ToString("N"));

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void Find_WhatWasWritten_ForAnyKeysBlocksAndCompression() =>
        Prop.ForAll<Tuple<byte[], byte[]>[], byte, byte>((pairs, blockBytes, restartInterval) =>
        {
            (byte[] Key, byte[] Value)[] sorted = Sorted(pairs);
            File.WriteAllBytes(_path, TableWriter.Write(sorted, blockBytes + 1, restartInterval % 17 + 1, compress: blockBytes % 2 == 0));
            SsTable.TryOpen(_path, out SsTable? table).ShouldBe(ServingStatus.Ok);
            using (table)
            {
                table!.ReadAll().Select(e => (e.Key, e.Value.ToArray())).ShouldBe(sorted, new PairComparer());
                foreach ((byte[] key, byte[] value) in sorted)
                {
                    table.Find(key, out ReadOnlyMemory<byte> found, out bool isThere);
                    isThere.ShouldBeTrue();
                    found.ToArray().ShouldBe(value);
                    byte[] other = [.. key, 0];
                    table.Find(other, out _, out bool otherIsThere);
                    otherIsThere.ShouldBe(sorted.Any(p => p.Key.AsSpan().SequenceEqual(other)));
                }
            }
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Find_ManySharedPrefixes_AcrossBlocks()
    {
        (byte[] Key, byte[] Value)[] sorted = [.. Enumerable.Range(0, 5000).Select(i => (Encoding.ASCII.GetBytes($"layer_{i:D5}/kernel"), BitConverter.GetBytes(i)))];
        File.WriteAllBytes(_path, TableWriter.Write(sorted, compress: true));
        SsTable.TryOpen(_path, out SsTable? table).ShouldBe(ServingStatus.Ok);
        using (table)
        {
            for (int i = 0; i < sorted.Length; i += 7)
            {
                table!.Find(sorted[i].Key, out ReadOnlyMemory<byte> value, out bool found).ShouldBe(default);
                found.ShouldBeTrue();
                BitConverter.ToInt32(value.Span).ShouldBe(i);
            }

            table!.Find("layer_99999"u8, out _, out bool absent).ShouldBe(default);
            absent.ShouldBeFalse();
        }
    }

    [Fact]
    public void TryOpen_TruncatedAtEveryByte_NeverThrows()
    {
        byte[] bytes = TableWriter.Write(Enumerable.Range(0, 40).Select(i => (Encoding.ASCII.GetBytes($"key{i:D3}"), new byte[i])), 200, 4, compress: true);
        for (int length = 0; length < bytes.Length; length++)
        {
            File.WriteAllBytes(_path, bytes[..length]);
            SsTable.TryOpen(_path, out SsTable? table).IsOk.ShouldBeFalse();
            table.ShouldBeNull();
        }
    }

    [Fact]
    public void SnappyDecoder_WhatWasEncoded_ForAnyBytes() =>
        Prop.ForAll<byte[], byte>((bytes, repeat) =>
        {
            byte[] source = [.. Enumerable.Repeat(bytes, repeat % 20 + 1).SelectMany(b => b)];
            SnappyDecoder.TryDecode(Snappy.Encode(source), out byte[] decoded).ShouldBeTrue();
            decoded.ShouldBe(source);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void SnappyDecoder_RandomBytes_NeverThrowNorGrow()
    {
        var random = new Random(3);
        byte[] valid = Snappy.Encode(Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("abcdefgh", 50))));
        for (int i = 0; i < 20_000; i++)
        {
            byte[] bytes = i % 2 == 0 ? new byte[random.Next(60)] : (byte[])valid.Clone();
            if (i % 2 == 0)
            {
                random.NextBytes(bytes);
            }
            else
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            if (SnappyDecoder.TryDecode(bytes, out byte[] decoded))
            {
                decoded.Length.ShouldBeLessThanOrEqualTo(bytes.Length * 22);
            }
        }
    }

    [Fact]
    public void Crc32C_KnownSums()
    {
        // RFC 3720, B.4.
        Crc32C.Compute(new byte[32]).ShouldBe(0x8A9136AAu);
        Crc32C.Compute(Enumerable.Repeat((byte)0xFF, 32).ToArray()).ShouldBe(0x62A8AB43u);
        Crc32C.Compute("123456789"u8).ShouldBe(0xE3069283u);
        Crc32C.Unmask(Crc32C.Mask(0x12345678)).ShouldBe(0x12345678u);
    }

    [Fact]
    public void Crc32C_Combine_IsTheSumOfBoth() =>
        Prop.ForAll<byte[], byte[]>((a, b) =>
        {
            byte[] both = [.. a, .. b];
            Crc32C.Combine(Crc32C.Compute(a), Crc32C.Compute(b), b.Length).ShouldBe(Crc32C.Compute(both));
            Crc32C.Append(Crc32C.Compute(a), b).ShouldBe(Crc32C.Compute(both));
        }).QuickCheckThrowOnFailure();

    private static (byte[] Key, byte[] Value)[] Sorted(Tuple<byte[], byte[]>[] pairs)
    {
        var sorted = new SortedDictionary<string, (byte[], byte[])>(StringComparer.Ordinal);
        foreach (Tuple<byte[], byte[]> pair in pairs)
        {
            sorted[Encoding.Latin1.GetString(pair.Item1 ?? [])] = (pair.Item1 ?? [], pair.Item2 ?? []);
        }

        return [.. sorted.Values];
    }

    private sealed class PairComparer : IEqualityComparer<(byte[] Key, byte[] Value)>
    {
        public bool Equals((byte[] Key, byte[] Value) x, (byte[] Key, byte[] Value) y) =>
            x.Key.AsSpan().SequenceEqual(y.Key) && x.Value.AsSpan().SequenceEqual(y.Value);

        public int GetHashCode((byte[] Key, byte[] Value) obj) => obj.Key.Length;
    }
}
