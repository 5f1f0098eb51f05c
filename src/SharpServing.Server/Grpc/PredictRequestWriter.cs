using System.Buffers;
using System.Text;
using SharpServing.Server.Services;
using SharpServing.Tensors;

namespace SharpServing.Server.Grpc;

/// <summary>Writes a <see cref="PredictCall"/> that came otherwise as <c>tensorflow.serving.PredictRequest</c>: model_spec, inputs, output_filter.</summary>
internal static class PredictRequestWriter
{
    /// <param name="call">Names, version and filter.</param>
    /// <param name="inputs">In the order of the call's names.</param>
    public static byte[] Write(PredictCall call, IReadOnlyList<Tensor> inputs)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new WireWriter(output);
        writer.WriteTag(1, WireType.Bytes);
        writer.WriteVarint((ulong)ModelSpecSize(call));
        WriteModelSpec(ref writer, call);
        for (int i = 0; i < call.InputCount; i++)
        {
            string alias = call.InputAliases[i];
            long tensor = TensorProtoWriter.SizeOf(inputs[i], asContent: false);
            writer.WriteTag(2, WireType.Bytes);
            writer.WriteVarint((ulong)(StringSize(alias) + WireWriter.SizeOfBytes(tensor)));
            writer.WriteString(1, alias);
            writer.WriteTag(2, WireType.Bytes);
            writer.WriteVarint((ulong)tensor);
            TensorProtoWriter.Write(ref writer, inputs[i], asContent: false);
        }

        foreach (string alias in call.OutputFilter)
        {
            writer.WriteString(3, alias);
        }

        writer.Flush();
        return output.WrittenSpan.ToArray();
    }

    private static void WriteModelSpec(ref WireWriter writer, PredictCall call)
    {
        writer.WriteString(1, call.ModelName);
        if (call.Version is { } version)
        {
            writer.WriteTag(2, WireType.Bytes);
            writer.WriteVarint((ulong)VersionSize(version));
            writer.WriteTag(1, WireType.Varint);
            writer.WriteVarint((ulong)version);
        }

        if (call.SignatureName.Length > 0)
        {
            writer.WriteString(3, call.SignatureName);
        }

        if (call.VersionLabel is { } label)
        {
            writer.WriteString(4, label);
        }
    }

    private static long ModelSpecSize(PredictCall call) =>
        StringSize(call.ModelName)
        + (call.Version is { } version ? WireWriter.SizeOfBytes(VersionSize(version)) : 0)
        + (call.SignatureName.Length > 0 ? StringSize(call.SignatureName) : 0)
        + (call.VersionLabel is { } label ? StringSize(label) : 0);

    private static int VersionSize(long version) => 1 + WireWriter.SizeOfVarint((ulong)version);

    private static long StringSize(string text) => WireWriter.SizeOfBytes(Encoding.UTF8.GetByteCount(text));
}
