using System.Security.Cryptography;

namespace SharpServing.Ops.Random;

/// <summary>The stream of one stateful random node: goes on from run to run. Thread-safe.</summary>
internal sealed class PhiloxStream
{
    private readonly Lock _lock = new();
    private Philox _generator;

    /// <summary>Both seeds 0: seeded by the system, different every time.</summary>
    public PhiloxStream(long seed, long seed2)
    {
        if (seed == 0 && seed2 == 0)
        {
            Span<byte> bytes = stackalloc byte[16];
            RandomNumberGenerator.Fill(bytes);
            seed = BitConverter.ToInt64(bytes);
            seed2 = BitConverter.ToInt64(bytes[8..]);
        }

        _generator = new Philox(unchecked((ulong)seed), unchecked((ulong)seed2));
    }

    /// <summary>A generator for <paramref name="count"/> outputs, each of which may take up to <paramref name="multiplier"/> blocks of four numbers.</summary>
    public Philox Reserve(long count, long multiplier)
    {
        ulong blocks = unchecked((ulong)(count * multiplier));
        lock (_lock)
        {
            Philox reserved = _generator;
            _generator.Skip(blocks);
            return reserved;
        }
    }
}
