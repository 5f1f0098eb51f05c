using System.Buffers;
using Microsoft.AspNetCore.Connections;

namespace SharpServing.Server.Hosting;

/// <summary>Gives each of Kestrel's users of pooled memory a <see cref="BlockMemoryPool"/>.</summary>
internal sealed class BlockMemoryPoolFactory : IMemoryPoolFactory<byte>
{
    public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => new BlockMemoryPool();
}
