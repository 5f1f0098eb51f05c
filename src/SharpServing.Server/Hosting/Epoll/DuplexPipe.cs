using System.IO.Pipelines;

namespace SharpServing.Server.Hosting.Epoll;

/// <summary>The application's ends of a connection's two pipes.</summary>
internal sealed record DuplexPipe(PipeReader Input, PipeWriter Output) : IDuplexPipe;
