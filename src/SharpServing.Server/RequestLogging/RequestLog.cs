using System.Buffers;
using Google.Protobuf;
using SharpServing.Server.Grpc;
using SharpServing.Server.Services;
using Tensorflow.Serving;

namespace SharpServing.Server.RequestLogging;

/// <summary>The log of one model's requests: which are taken, and how they become a <c>PredictionLog</c>. Thread-safe.</summary>
internal sealed class RequestLog
{
    private readonly string _model;
    private readonly double _rate;
    private readonly LogMetadata _common;
    private readonly TimeProvider _time;

    /// <param name="rate">0 to 1.</param>
    /// <param name="tags">Of the MetaGraph that is served.</param>
    public RequestLog(string model, double rate, IEnumerable<string> tags, RequestLogSink sink, TimeProvider time)
    {
        _model = model;
        _rate = rate;
        _time = time;
        Sink = sink;
        _common = new LogMetadata { SamplingConfig = new SamplingConfig { SamplingRate = rate }, SavedModelTags = { tags } };
    }

    public RequestLogSink Sink { get; }

    /// <summary>Whether this request is one of those that are logged. No allocation.</summary>
#pragma warning disable RS0030 // No answer depends on it.
    public bool IsSampled() => _rate >= 1 || (_rate > 0 && Random.Shared.NextDouble() < _rate);
#pragma warning restore RS0030

    /// <summary>A Predict that was answered; its outputs are still there.</summary>
    public void Add(PredictCall call)
    {
        if (!Sink.HasRoom)
        {
            Sink.CountDropped(_model);
            return;
        }

        long size = PredictResponseWriter.SizeOf(call, asContent: false);
        if (size > int.MaxValue / 2)
        {
            Sink.CountDropped(_model);
            return;
        }

        var response = new ArrayBufferWriter<byte>((int)size);
        PredictResponseWriter.Write(response, call, asContent: false);
        Add(PredictionLog.PredictLogFieldNumber, call.ServedVersion, call.ServedSignature, call.RequestBytes(), response.WrittenSpan);
    }

    /// <summary>A call on generated messages that was answered.</summary>
    /// <param name="field">Of the kind of record in <c>PredictionLog</c>.</param>
    /// <param name="spec">As in the answer.</param>
    public void Add(int field, ModelSpec? spec, IMessage request, IMessage response)
    {
        if (Sink.HasRoom)
        {
            Add(field, spec?.Version ?? 0, spec?.SignatureName ?? "", request.ToByteArray(), response.ToByteArray());
        }
        else
        {
            Sink.CountDropped(_model);
        }
    }

    private void Add(int field, long version, string signature, ReadOnlySpan<byte> request, ReadOnlySpan<byte> response)
    {
        LogMetadata metadata = _common.Clone();
        metadata.ModelSpec = new ModelSpec { Name = _model, Version = version, SignatureName = signature };
        metadata.TimestampSecs = _time.GetUtcNow().ToUnixTimeSeconds();
        byte[] head = metadata.ToByteArray();
        long inner = WireWriter.SizeOfBytes(request.Length) + WireWriter.SizeOfBytes(response.Length);
        long size = WireWriter.SizeOfBytes(head.Length) + WireWriter.SizeOfBytes(inner);
        if (size > Array.MaxLength)
        {
            Sink.CountDropped(_model);
            return;
        }

        var record = new ArrayBufferWriter<byte>((int)size);
        var writer = new WireWriter(record);
        WriteBytes(ref writer, PredictionLog.LogMetadataFieldNumber, head);
        writer.WriteTag(field, WireType.Bytes);
        writer.WriteVarint((ulong)inner);
        WriteBytes(ref writer, 1, request);
        WriteBytes(ref writer, 2, response);
        writer.Flush();
        Sink.Add(_model, record.WrittenSpan.ToArray());
    }

    private static void WriteBytes(ref WireWriter writer, int field, ReadOnlySpan<byte> bytes)
    {
        writer.WriteTag(field, WireType.Bytes);
        writer.WriteVarint((ulong)bytes.Length);
        writer.WriteRaw(bytes);
    }
}
