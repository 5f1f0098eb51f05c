using System.Text;
using Google.Protobuf;
using SharpServing.SavedModel.Tables;
using SharpServing.TestSupport;
using SharpServing.Tensors;
using Tensorflow;

namespace SharpServing.SavedModel.Tests;

/// <summary>Checkpoints of both generations, written here.</summary>
public sealed class CheckpointTests : IDisposable
{
    private readonly string _folder = Directory.CreateDirectory(Path.Combine(SharedData.Cache, "temporary", Guid.NewGuid().ToString("N"))).FullName;

    private string Prefix => Path.Combine(_folder, "ckpt");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void TryRead_LargeTensorInPieces_IsWholeAndVerified()
    {
        var values = new float[10_000_019];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = i;
        }

        byte[] bytes = System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan()).ToArray();
        WriteBundle([Entry("big", DataType.DtFloat, [values.Length], bytes, 0)], bytes);
        using BundleReader reader = Open();
        reader.TryRead("big", "", out Tensor? tensor).ShouldBe(ServingStatus.Ok);
        tensor!.Span<float>().SequenceEqual(values).ShouldBeTrue();
        tensor.Release();

        bytes[20_000_000] ^= 1;
        File.WriteAllBytes(Prefix + ".data-00000-of-00001", bytes);
        using BundleReader damaged = Open();
        ServingStatus status = damaged.TryRead("big", "", out tensor);
        status.Code.ShouldBe(StatusCode.DataLoss);
        status.Message.ShouldContain($"shard 0 ({bytes.Length} bytes): Checksum does not match: stored ");
        tensor.ShouldBeNull();
    }

    [Fact]
    public void TryRead_Slices_PutTogetherAndCutOut()
    {
        // Columns 0-2 and 2-5 of a 3x5 matrix whose element is 10*row+column.
        int[] left = [0, 1, 10, 11, 20, 21];
        int[] right = [2, 3, 4, 12, 13, 14, 22, 23, 24];
        byte[] data = [.. AsBytes(left), .. AsBytes(right)];
        TensorSliceProto leftSlice = Slice((0, -1), (0, 2));
        TensorSliceProto rightSlice = Slice((0, -1), (2, 3));
        BundleEntryProto whole = new() { Dtype = DataType.DtInt32, Shape = ShapeOf(3, 5) };
        whole.Slices.Add([leftSlice, rightSlice]);
        WriteBundle(
            [
                (Encoding.UTF8.GetBytes("w"), whole),
                (OrderedCode.SliceKey("w", TensorSlice.FromProto(leftSlice)), Entry("", DataType.DtInt32, [3, 2], AsBytes(left), 0).Item2),
                (OrderedCode.SliceKey("w", TensorSlice.FromProto(rightSlice)), Entry("", DataType.DtInt32, [3, 3], AsBytes(right), 24).Item2),
            ],
            data);
        using BundleReader reader = Open();
        reader.Entries.Select(e => e.Name).ShouldBe(["w"]);
        Read(reader, "").ShouldBe([0, 1, 2, 3, 4, 10, 11, 12, 13, 14, 20, 21, 22, 23, 24]);
        Read(reader, "3 5 -:2,3").ShouldBe(right);
        Read(reader, "3 5 1,2:1,2").ShouldBe([11, 12, 21, 22]);
        Read(reader, "3 5 -:-").Length.ShouldBe(15);
        reader.TryRead("w", "3 4 -:-", out _).ShouldBe(ServingStatus.InvalidArgument(
            "tensor_name = w; shape in shape_and_slice spec [3,4] does not match the shape stored in checkpoint: [3,5]"));
        reader.TryRead("w", "3 5 -:3,3", out _).ShouldBe(ServingStatus.Internal("Extent in dimension 1 out of bounds: shape = [3,5], slice = -:3,3"));
        reader.TryRead("w", "3 5 x", out _).ShouldBe(ServingStatus.InvalidArgument("Expected a pair of numbers or '-' but got 'x': string = x"));

        // Shares of the variable that a saver names.
        var tensors = new Tensor?[1];
        CheckpointRestore.RestoreV2(Prefix, ["w"], ["3 5 -:0,2"], [DType.Int32], tensors).ShouldBe(ServingStatus.Ok);
        tensors[0]!.Span<int>().ToArray().ShouldBe(left);
        tensors[0]!.Release();
        CheckpointRestore.RestoreV2(Prefix, ["w"], [""], [DType.Float], tensors).ShouldBe(ServingStatus.InvalidArgument(
            "tensor_name = w; expected dtype float does not equal original dtype int32"));
    }

    [Fact]
    public void TryRead_MissingSlice_SaysSo()
    {
        BundleEntryProto whole = new() { Dtype = DataType.DtInt32, Shape = ShapeOf(4) };
        whole.Slices.Add(Slice((0, 2)));
        WriteBundle([(Encoding.UTF8.GetBytes("w"), whole)], []);
        using BundleReader reader = Open();
        reader.TryRead("w", "", out _).ShouldBe(ServingStatus.InvalidArgument(
            "Does not have sufficient slices for partitioned tensor w to restore in slice_spec: -"));
    }

    [Fact]
    public void SliceKey_IsTensorFlowsOrderedCode()
    {
        // Order of the encodings is the order of the numbers, across all lengths.
        long[] numbers = [long.MinValue, -1L << 40, -8193, -8192, -65, -64, -1, 0, 1, 63, 64, 8191, 8192, 1 << 20, 1L << 48, long.MaxValue];
        byte[][] codes = [.. numbers.Select(n =>
        {
            var code = new List<byte>();
            OrderedCode.WriteSigned(code, n);
            return code.ToArray();
        })];
        for (int i = 1; i < codes.Length; i++)
        {
            codes[i].AsSpan().SequenceCompareTo(codes[i - 1]).ShouldBeGreaterThan(0);
        }

        codes[6].ShouldBe(new byte[] { 0x7F });
        codes[7].ShouldBe(new byte[] { 0x80 });
        codes[10].ShouldBe(new byte[] { 0xC0, 0x40 });
        codes[15].Length.ShouldBe(10);
    }

    [Fact]
    public void TryRead_StringsHalfBoolComplexEmptyScalarAndRef()
    {
        byte[] strings = Strings(["", "ab", new string('x', 200)], out uint stringSum);
        byte[] half = AsBytes([(Half)1.5f, (Half)(-2f)]);
        byte[] data = [.. strings, .. half, 1, .. AsBytes([1f, -1f])];
        BundleEntryProto text = Entry("", DataType.DtString, [3], strings, 0).Item2;
        text.Crc32C = Crc32C.Mask(stringSum);
        BundleEntryProto reference = Entry("", DataType.DtBoolRef, [], [1], strings.Length + 4).Item2;
        WriteBundle(
            [
                Entry("c", DataType.DtComplex64, [1], AsBytes([1f, -1f]), strings.Length + 5),
                Entry("e", DataType.DtDouble, [0, 3], [], 0),
                Entry("h", DataType.DtHalf, [2], half, strings.Length),
                (Encoding.UTF8.GetBytes("r"), reference),
                (Encoding.UTF8.GetBytes("s"), text),
                Entry("v", DataType.DtVariant, [], [], 0),
            ],
            data);
        using BundleReader reader = Open();
        reader.Entries.Select(e => $"{e.Name} {e.Type.ToName()}{e.Shape}")
            .ShouldBe(["c complex64[1]", "e double[0,3]", "h half[2]", "r bool[]", "s string[3]", "v variant[]"]);
        ReadTensor(reader, "c").Span<Complex64>()[0].ShouldBe(new Complex64(1, -1));
        ReadTensor(reader, "e").ElementCount.ShouldBe(0);
        ReadTensor(reader, "h").Span<Half>().ToArray().ShouldBe([(Half)1.5f, (Half)(-2f)]);
        ReadTensor(reader, "r").Scalar<bool>().ShouldBeTrue();
        Tensor read = ReadTensor(reader, "s");
        (read.Text(0), read.Text(1), read.Text(2).Length).ShouldBe(("", "ab", 200));
        reader.TryRead("v", "", out _).Code.ShouldBe(StatusCode.Unimplemented);
    }

    [Fact]
    public void TryRead_BigEndianBundle_IsSwapped()
    {
        WriteBundle([Entry("x", DataType.DtInt32, [2], [0, 0, 0, 1, 0, 0, 2, 0], 0)], [0, 0, 0, 1, 0, 0, 2, 0], BundleHeaderProto.Types.Endianness.Big);
        using BundleReader reader = Open();
        ReadTensor(reader, "x").Span<int>().ToArray().ShouldBe([1, 512]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void TryOpen_TruncatedOrMutated_NeverThrowsNorTakesMuchMemory(bool oldStrings)
    {
        string source = oldStrings
            ? SharedData.PathOf("checkpoints", "old_string_tensors", "foo")
            : SharedData.PathOf("models", "tfs_half_plus_two_tf2_cpu", "00000123", "variables", "variables");
        foreach (string suffix in new[] { ".index", ".data-00000-of-00001" })
        {
            File.Copy(source + ".index", Prefix + ".index", overwrite: true);
            File.Copy(source + ".data-00000-of-00001", Prefix + ".data-00000-of-00001", overwrite: true);
            byte[] bytes = File.ReadAllBytes(Prefix + suffix);
            long before = TensorAllocator.Shared.BytesInUse;
            for (int length = 0; length < bytes.Length; length++)
            {
                File.WriteAllBytes(Prefix + suffix, bytes[..length]);
                ReadEverything();
            }

            var random = new Random(11);
            for (int i = 0; i < 1000; i++)
            {
                byte[] mutated = (byte[])bytes.Clone();
                for (int k = 0; k <= i % 4; k++)
                {
                    mutated[random.Next(mutated.Length)] = (byte)random.Next(256);
                }

                File.WriteAllBytes(Prefix + suffix, mutated);
                ReadEverything();
            }

            TensorAllocator.Shared.BytesInUse.ShouldBeLessThan(before + (1 << 20));
        }
    }

    [Fact]
    public void TryRead_EntryThatClaimsMoreThanTheFileHolds_AllocatesNothing()
    {
        BundleEntryProto entry = Entry("", DataType.DtFloat, [1L << 40], [], 0).Item2;
        entry.Size = 4L << 40;
        BundleEntryProto strings = Entry("", DataType.DtString, [1L << 40], [], 0).Item2;
        strings.Size = 2L << 40;
        WriteBundle([(Encoding.UTF8.GetBytes("f"), entry), (Encoding.UTF8.GetBytes("s"), strings)], new byte[16]);
        using BundleReader reader = Open();
        long before = GC.GetAllocatedBytesForCurrentThread();
        reader.TryRead("f", "", out _).ShouldBe(new ServingStatus(StatusCode.OutOfRange, "Read less bytes than requested"));
        reader.TryRead("s", "", out _).Code.ShouldBe(StatusCode.OutOfRange);
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(1 << 16);
    }

    [Fact]
    public void FirstGeneration_WholeSlicedAndTyped()
    {
        TensorSliceProto top = Slice((0, 1), (0, -1));
        TensorSliceProto rest = Slice((1, 2), (0, -1));
        var meta = new SavedTensorSliceMeta { Versions = new VersionDef { Producer = 1 } };
        meta.Tensor.Add(Meta("a", DataType.DtFloat, ShapeOf(), Slice()));
        meta.Tensor.Add(Meta("h", DataType.DtHalf, ShapeOf(2), Slice((0, -1))));
        meta.Tensor.Add(Meta("m", DataType.DtInt64, ShapeOf(3, 2), top, rest));
        meta.Tensor.Add(Meta("s", DataType.DtString, ShapeOf(2), Slice((0, -1))));
        (byte[] Key, byte[] Value)[] entries =
        [
            ([], new SavedTensorSlices { Meta = meta }.ToByteArray()),
            Stored("a", Slice(), new TensorProto { FloatVal = { 0.5f } }),
            Stored("h", Slice((0, -1)), new TensorProto { HalfVal = { BitConverter.HalfToInt16Bits((Half)3), BitConverter.HalfToInt16Bits((Half)(-4)) & 0xFFFF } }),
            Stored("m", top, new TensorProto { Int64Val = { 1, 2 } }),
            Stored("m", rest, new TensorProto { Int64Val = { 3, 4, 5, 6 } }),
            Stored("s", Slice((0, -1)), new TensorProto { StringVal = { ByteString.CopyFromUtf8("x"), ByteString.Empty } }),
        ];
        File.WriteAllBytes(Prefix, TableWriter.Write(entries.OrderBy(e => Encoding.Latin1.GetString(e.Key), StringComparer.Ordinal), compress: true));
        CheckpointRestore.TryOpen(Prefix, out ICheckpointReader? reader).ShouldBe(ServingStatus.Ok);
        using (reader)
        {
            reader!.Entries.Select(e => e.Name).ShouldBe(["a", "h", "m", "s"]);
            ReadTensor(reader, "a").Scalar<float>().ShouldBe(0.5f);
            ReadTensor(reader, "h").Span<Half>().ToArray().ShouldBe([(Half)3, (Half)(-4)]);
            ReadTensor(reader, "m").Span<long>().ToArray().ShouldBe([1, 2, 3, 4, 5, 6]);
            ReadTensor(reader, "m", "3 2 0,2:1,1").Span<long>().ToArray().ShouldBe([2, 4]);
            ReadTensor(reader, "s").Text(0).ShouldBe("x");
        }

        CheckpointRestore.RestoreSlice(Prefix, "m", "", DType.Float, out _).ShouldBe(ServingStatus.InvalidArgument(
            "Expected to restore a tensor of type float, got a tensor of type int64 instead: tensor_name = m"));
        CheckpointRestore.RestoreSlice(Prefix, "z", "", DType.Float, out _).ShouldBe(ServingStatus.NotFound(
            $"Tensor name \"z\" not found in checkpoint files {Prefix}"));
        CheckpointRestore.RestoreSlice(Prefix + "?", "z", "", DType.Float, out _).ShouldBe(ServingStatus.NotFound(
            $"Unsuccessful TensorSliceReader constructor: Failed to find any matching files for {Prefix}?"));
        CheckpointRestore.RestoreSlice(Prefix[..^1] + "?", "a", "", DType.Float, out Tensor? byPattern).ShouldBe(ServingStatus.Ok);
        byPattern!.Release();
    }

    private static (byte[] Key, byte[] Value) Stored(string name, TensorSliceProto slice, TensorProto data) =>
        (OrderedCode.SliceKey(name, TensorSlice.FromProto(slice)),
            new SavedTensorSlices { Data = new SavedSlice { Name = name, Slice = slice, Data = data } }.ToByteArray());

    private static SavedSliceMeta Meta(string name, DataType type, TensorShapeProto shape, params TensorSliceProto[] slices) =>
        new() { Name = name, Type = type, Shape = shape, Slice = { slices } };

    private static TensorSliceProto Slice(params (long Start, long Length)[] extents)
    {
        var slice = new TensorSliceProto();
        foreach ((long start, long length) in extents)
        {
            slice.Extent.Add(length < 0 ? new TensorSliceProto.Types.Extent() : new TensorSliceProto.Types.Extent { Start = start, Length = length });
        }

        return slice;
    }

    private static TensorShapeProto ShapeOf(params long[] sizes) => new() { Dim = { sizes.Select(s => new TensorShapeProto.Types.Dim { Size = s }) } };

    private static (byte[], BundleEntryProto) Entry(string name, DataType type, long[] shape, byte[] bytes, long offset) =>
        (Encoding.UTF8.GetBytes(name),
            new BundleEntryProto { Dtype = type, Shape = ShapeOf(shape), Offset = offset, Size = bytes.Length, Crc32C = Crc32C.Mask(Crc32C.Compute(bytes)) });

    private static byte[] AsBytes<T>(T[] values)
        where T : unmanaged => System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan()).ToArray();

    private static byte[] Strings(string[] texts, out uint checksum)
    {
        var bytes = new List<byte>();
        checksum = 0;
        foreach (string text in texts)
        {
            TableWriter.AppendVarint(bytes, (ulong)text.Length);
            checksum = Crc32C.Append(checksum, BitConverter.GetBytes(text.Length));
        }

        byte[] sum = BitConverter.GetBytes(Crc32C.Mask(checksum));
        bytes.AddRange(sum);
        checksum = Crc32C.Append(checksum, sum);
        foreach (string text in texts)
        {
            bytes.AddRange(Encoding.UTF8.GetBytes(text));
            checksum = Crc32C.Append(checksum, Encoding.UTF8.GetBytes(text));
        }

        return [.. bytes];
    }

    private static Tensor ReadTensor(ICheckpointReader reader, string name, string spec = "")
    {
        reader.TryRead(name, spec, out Tensor? tensor).ShouldBe(ServingStatus.Ok);
        return tensor!;
    }

    private static int[] Read(BundleReader reader, string spec)
    {
        Tensor tensor = ReadTensor(reader, "w", spec);
        int[] values = tensor.Span<int>().ToArray();
        tensor.Release();
        return values;
    }

    private void WriteBundle(IEnumerable<(byte[] Key, BundleEntryProto Entry)> entries, byte[] data, BundleHeaderProto.Types.Endianness endianness = default)
    {
        var header = new BundleHeaderProto { NumShards = 1, Endianness = endianness, Version = new VersionDef { Producer = 1 } };
        IEnumerable<(byte[], byte[])> sorted = entries.Select(e => (e.Key, e.Entry.ToByteArray())).Append(([], header.ToByteArray()))
            .OrderBy(e => Encoding.Latin1.GetString(e.Item1), StringComparer.Ordinal);
        File.WriteAllBytes(Prefix + ".index", TableWriter.Write(sorted));
        File.WriteAllBytes(Prefix + ".data-00000-of-00001", data);
    }

    private BundleReader Open()
    {
        BundleReader.TryOpen(Prefix, out BundleReader? reader).ShouldBe(ServingStatus.Ok);
        return reader!;
    }

    private void ReadEverything()
    {
        if (!BundleReader.TryOpen(Prefix, out BundleReader? reader).IsOk)
        {
            reader.ShouldBeNull();
            return;
        }

        using (reader)
        {
            IReadOnlyList<CheckpointEntry> entries;
            try
            {
                entries = reader!.Entries;
            }
            catch (StatusException)
            {
                return;
            }

            foreach (CheckpointEntry entry in entries)
            {
                _ = reader.TryRead(entry.Name, "", out Tensor? tensor);
                tensor?.Release();
            }
        }
    }
}
