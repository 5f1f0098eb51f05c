using SharpServing.Server.Hosting;

namespace SharpServing.Server.Tests.Hosting;

/// <summary>On Kestrel's transport.</summary>
public sealed class SocketsTransportTests() : ConnectionTests(Transport.Sockets);
