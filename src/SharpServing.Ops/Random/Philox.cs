namespace SharpServing.Ops.Random;

/// <summary>
/// Philox4x32-10, counter based: four 32-bit numbers a step. Source: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3";
/// tensorflow/core/lib/random/philox_random.h for the order of words.
/// </summary>
internal struct Philox
{
    private const uint WeylLow = 0x9E3779B9;
    private const uint WeylHigh = 0xBB67AE85;
    private const ulong MultiplierA = 0xD2511F53;
    private const ulong MultiplierB = 0xCD9E8D57;

    private UInt128 _counter;

    /// <param name="key">The first seed.</param>
    /// <param name="stream">The second seed: the upper half of the counter.</param>
    public Philox(ulong key, ulong stream)
    {
        Key = key;
        _counter = new UInt128(stream, 0);
    }

    public ulong Key { get; }

    /// <summary>Passes over <paramref name="steps"/> steps of four numbers.</summary>
    public void Skip(ulong steps) => _counter += steps;

    /// <summary>The next four numbers.</summary>
    public (uint A, uint B, uint C, uint D) Next()
    {
        ulong low = (ulong)_counter;
        ulong high = (ulong)(_counter >> 64);
        _counter++;
        uint c0 = (uint)low;
        uint c1 = (uint)(low >> 32);
        uint c2 = (uint)high;
        uint c3 = (uint)(high >> 32);
        uint k0 = (uint)Key;
        uint k1 = (uint)(Key >> 32);
        for (int round = 0; round < 10; round++)
        {
            ulong a = MultiplierA * c0;
            ulong b = MultiplierB * c2;
            (c0, c1, c2, c3) = ((uint)(b >> 32) ^ c1 ^ k0, (uint)b, (uint)(a >> 32) ^ c3 ^ k1, (uint)a);
            k0 = unchecked(k0 + WeylLow);
            k1 = unchecked(k1 + WeylHigh);
        }

        return (c0, c1, c2, c3);
    }
}
