using System.IO.Pipelines;

namespace SharpServing.Server.Hosting;

/// <summary>A reader and a writer as one transport.</summary>
internal sealed record DuplexPipe(PipeReader Input, PipeWriter Output) : IDuplexPipe;
