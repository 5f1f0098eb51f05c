using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using SharpServing.Server.Hosting.Epoll;

namespace SharpServing.Server.Hosting;

/// <summary>How the connections of one front end come and are read.</summary>
/// <param name="Loops">Null: Kestrel's own transport.</param>
/// <param name="Readers">Where connections of <paramref name="Loops"/> are read: inline is the loop's thread, which must not be held for long.</param>
/// <param name="Bind">Makes the listening sockets.</param>
internal sealed record TransportSettings(EpollLoops? Loops, PipeScheduler Readers, Func<EndPoint, Socket> Bind);
