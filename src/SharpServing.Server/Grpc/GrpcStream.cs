using System.Buffers;
using System.IO.Pipelines;
using Google.Protobuf;
using Microsoft.AspNetCore.Http.Features;

namespace SharpServing.Server.Grpc;

/// <summary>The messages of one call of a <see cref="GrpcStreamMethod"/>. Of one reader and one writer at a time.</summary>
internal sealed class GrpcStream
{
    private readonly IFeatureCollection _context;
    private readonly MessageParser _parser;
    private readonly int _limit;

    /// <param name="context">Of the call.</param>
    /// <param name="parser">Of each request.</param>
    /// <param name="limit">Largest message. Unit: bytes.</param>
    public GrpcStream(IFeatureCollection context, MessageParser parser, int limit)
    {
        _context = context;
        _parser = parser;
        _limit = limit;
    }

    /// <summary>The next message; null with OK: the client has sent all of its.</summary>
    /// <exception cref="OperationCanceledException">The client, the time or the server ended.</exception>
    public async ValueTask<(ServingStatus Status, IMessage? Message)> ReadAsync(CancellationToken cancellation)
    {
        PipeReader body = _context.GetRequiredFeature<IRequestBodyPipeFeature>().Reader;
        while (true)
        {
            ReadResult result = await body.ReadAsync(cancellation);
            ServingStatus status = GrpcFrames.TryTake(_context, result.Buffer, _limit, out SequencePosition? end, out ReadOnlySequence<byte> bytes);
            if (!status.IsOk)
            {
                body.AdvanceTo(result.Buffer.End);
                return (status, null);
            }

            if (end is { } taken)
            {
                status = GrpcFrames.TryParse(_parser, bytes, out IMessage? message);
                body.AdvanceTo(taken);
                return (status, message);
            }

            bool isRest = !result.Buffer.IsEmpty;
            body.AdvanceTo(result.Buffer.Start, result.Buffer.End);
            if (result.IsCompleted)
            {
                return (isRest ? GrpcFaults.NoMessage : ServingStatus.Ok, null);
            }
        }
    }

    public ValueTask WriteAsync(IMessage message)
    {
        PipeWriter writer = _context.GetRequiredFeature<IHttpResponseFeature>().HasStarted
            ? _context.GetRequiredFeature<IHttpResponseBodyFeature>().Writer
            : GrpcResponse.Begin(_context);
        GrpcFrames.Write(writer, message);
        return GrpcResponse.FlushAsync(_context);
    }
}
