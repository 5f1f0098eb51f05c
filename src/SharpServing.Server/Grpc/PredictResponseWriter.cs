using System.Buffers;
using System.Text;
using SharpServing.Server.Services;
using SharpServing.Tensors;

namespace SharpServing.Server.Grpc;

/// <summary>Writes the answer of a <see cref="PredictCall"/> as <c>tensorflow.serving.PredictResponse</c>: outputs, then model_spec.</summary>
internal static class PredictResponseWriter
{
    private const int OutputsField = 1;
    private const int ModelSpecField = 2;

    /// <summary>Bytes of the whole message.</summary>
    public static long SizeOf(PredictCall call, bool asContent)
    {
        long bytes = WireWriter.SizeOfBytes(ModelSpecSize(call));
        for (int i = 0; i < call.OutputAliases.Length; i++)
        {
            bytes += WireWriter.SizeOfBytes(EntrySize(call.OutputAliases[i], call.Outputs[i]!, asContent));
        }

        return bytes;
    }

    /// <summary>gRPC's 5 bytes of framing, then the message.</summary>
    public static void WriteFramed(IBufferWriter<byte> output, PredictCall call, bool asContent, long size)
    {
        var writer = new WireWriter(output);
        writer.WriteByte(0);
        writer.WriteBigEndian((uint)size);
        Write(ref writer, call, asContent);
        writer.Flush();
    }

    /// <summary>The message alone.</summary>
    public static void Write(IBufferWriter<byte> output, PredictCall call, bool asContent)
    {
        var writer = new WireWriter(output);
        Write(ref writer, call, asContent);
        writer.Flush();
    }

    private static void Write(ref WireWriter writer, PredictCall call, bool asContent)
    {
        for (int i = 0; i < call.OutputAliases.Length; i++)
        {
            Tensor tensor = call.Outputs[i]!;
            writer.WriteTag(OutputsField, WireType.Bytes);
            writer.WriteVarint((ulong)EntrySize(call.OutputAliases[i], tensor, asContent));
            writer.WriteString(1, call.OutputAliases[i]);
            writer.WriteTag(2, WireType.Bytes);
            writer.WriteVarint((ulong)TensorProtoWriter.SizeOf(tensor, asContent));
            TensorProtoWriter.Write(ref writer, tensor, asContent);
        }

        writer.WriteTag(ModelSpecField, WireType.Bytes);
        writer.WriteVarint((ulong)ModelSpecSize(call));
        writer.WriteString(1, call.ModelName);
        writer.WriteTag(2, WireType.Bytes);
        writer.WriteVarint((ulong)VersionSize(call.ServedVersion));
        if (call.ServedVersion != 0)
        {
            writer.WriteTag(1, WireType.Varint);
            writer.WriteVarint((ulong)call.ServedVersion);
        }

        writer.WriteString(3, call.ServedSignature);
    }

    private static long EntrySize(string alias, Tensor tensor, bool asContent) =>
        WireWriter.SizeOfBytes(Encoding.UTF8.GetByteCount(alias)) + WireWriter.SizeOfBytes(TensorProtoWriter.SizeOf(tensor, asContent));

    private static int VersionSize(long version) => version == 0 ? 0 : 1 + WireWriter.SizeOfVarint((ulong)version);

    private static long ModelSpecSize(PredictCall call) =>
        WireWriter.SizeOfBytes(Encoding.UTF8.GetByteCount(call.ModelName))
        + WireWriter.SizeOfBytes(VersionSize(call.ServedVersion))
        + WireWriter.SizeOfBytes(Encoding.UTF8.GetByteCount(call.ServedSignature));
}
