using SharpServing.Server.Hosting;

namespace SharpServing.Server.Tests.Hosting;

/// <summary>On our own transport, where there is one.</summary>
public sealed class DefaultTransportTests() : ConnectionTests(Transport.Default);
