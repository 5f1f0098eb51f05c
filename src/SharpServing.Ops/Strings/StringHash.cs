using System.Buffers.Binary;
using System.Numerics;

namespace SharpServing.Ops.Strings;

/// <summary>
/// The three hashes of strings that graphs rely on: FarmHash's Fingerprint64, SipHash-2-4, and MurmurHash64A with TensorFlow's seed.
/// </summary>
internal static class StringHash
{
    private const ulong K0 = 0xc3a5c85c97cb3127;
    private const ulong K1 = 0xb492b66fbe98f273;
    private const ulong K2 = 0x9ae16a3b2f90404f;

    /// <summary>FarmHash Fingerprint64 (the "na" variant).</summary>
    public static ulong Farm(ReadOnlySpan<byte> s) => s.Length switch
    {
        <= 16 => FarmShort(s),
        <= 32 => Farm32(s),
        <= 64 => Farm64(s),
        _ => FarmLong(s),
    };

    /// <summary>SipHash with two compression and four final rounds.</summary>
    public static ulong Sip(ReadOnlySpan<byte> s, ulong key0, ulong key1)
    {
        ulong v0 = key0 ^ 0x736f6d6570736575;
        ulong v1 = key1 ^ 0x646f72616e646f6d;
        ulong v2 = key0 ^ 0x6c7967656e657261;
        ulong v3 = key1 ^ 0x7465646279746573;
        ulong last = (ulong)s.Length << 56;
        while (s.Length >= 8)
        {
            ulong word = Fetch(s, 0);
            v3 ^= word;
            SipRounds(2, ref v0, ref v1, ref v2, ref v3);
            v0 ^= word;
            s = s[8..];
        }

        for (int i = 0; i < s.Length; i++)
        {
            last |= (ulong)s[i] << (8 * i);
        }

        v3 ^= last;
        SipRounds(2, ref v0, ref v1, ref v2, ref v3);
        v0 ^= last;
        v2 ^= 0xFF;
        SipRounds(4, ref v0, ref v1, ref v2, ref v3);
        return v0 ^ v1 ^ v2 ^ v3;
    }

    /// <summary>MurmurHash64A, seed 0xDECAFCAFFE.</summary>
    public static ulong Murmur(ReadOnlySpan<byte> s)
    {
        const ulong Multiplier = 0xc6a4a7935bd1e995;
        ulong hash = 0xDECAFCAFFE ^ ((ulong)s.Length * Multiplier);
        while (s.Length >= 8)
        {
            ulong word = Fetch(s, 0) * Multiplier;
            word ^= word >> 47;
            hash = (hash ^ (word * Multiplier)) * Multiplier;
            s = s[8..];
        }

        if (!s.IsEmpty)
        {
            for (int i = 0; i < s.Length; i++)
            {
                hash ^= (ulong)s[i] << (8 * i);
            }

            hash *= Multiplier;
        }

        hash = (hash ^ (hash >> 47)) * Multiplier;
        return hash ^ (hash >> 47);
    }

    private static void SipRounds(int count, ref ulong v0, ref ulong v1, ref ulong v2, ref ulong v3)
    {
        for (int i = 0; i < count; i++)
        {
            v0 += v1;
            v2 += v3;
            v1 = BitOperations.RotateLeft(v1, 13) ^ v0;
            v3 = BitOperations.RotateLeft(v3, 16) ^ v2;
            v0 = BitOperations.RotateLeft(v0, 32);
            v2 += v1;
            v0 += v3;
            v1 = BitOperations.RotateLeft(v1, 17) ^ v2;
            v3 = BitOperations.RotateLeft(v3, 21) ^ v0;
            v2 = BitOperations.RotateLeft(v2, 32);
        }
    }

    private static ulong Fetch(ReadOnlySpan<byte> s, int at) => BinaryPrimitives.ReadUInt64LittleEndian(s[at..]);

    private static ulong Fetch32(ReadOnlySpan<byte> s, int at) => BinaryPrimitives.ReadUInt32LittleEndian(s[at..]);

    private static ulong Rotate(ulong value, int bits) => BitOperations.RotateRight(value, bits);

    private static ulong ShiftMix(ulong value) => value ^ (value >> 47);

    private static ulong Mix(ulong u, ulong v, ulong multiplier)
    {
        ulong a = ShiftMix((u ^ v) * multiplier);
        return ShiftMix((v ^ a) * multiplier) * multiplier;
    }

    private static ulong FarmShort(ReadOnlySpan<byte> s)
    {
        ulong length = (ulong)s.Length;
        ulong multiplier = K2 + (length * 2);
        if (s.Length >= 8)
        {
            ulong a = Fetch(s, 0) + K2;
            ulong b = Fetch(s, s.Length - 8);
            ulong c = (Rotate(b, 37) * multiplier) + a;
            ulong d = (Rotate(a, 25) + b) * multiplier;
            return Mix(c, d, multiplier);
        }

        if (s.Length >= 4)
        {
            return Mix(length + (Fetch32(s, 0) << 3), Fetch32(s, s.Length - 4), multiplier);
        }

        if (s.IsEmpty)
        {
            return K2;
        }

        ulong y = s[0] + ((ulong)s[s.Length >> 1] << 8);
        ulong z = length + ((ulong)s[^1] << 2);
        return ShiftMix((y * K2) ^ (z * K0)) * K2;
    }

    private static ulong Farm32(ReadOnlySpan<byte> s)
    {
        ulong multiplier = K2 + ((ulong)s.Length * 2);
        ulong a = Fetch(s, 0) * K1;
        ulong b = Fetch(s, 8);
        ulong c = Fetch(s, s.Length - 8) * multiplier;
        ulong d = Fetch(s, s.Length - 16) * K2;
        return Mix(Rotate(a + b, 43) + Rotate(c, 30) + d, a + Rotate(b + K2, 18) + c, multiplier);
    }

    private static ulong Farm64(ReadOnlySpan<byte> s)
    {
        ulong multiplier = K2 + ((ulong)s.Length * 2);
        ulong a = Fetch(s, 0) * K2;
        ulong b = Fetch(s, 8);
        ulong c = Fetch(s, s.Length - 8) * multiplier;
        ulong d = Fetch(s, s.Length - 16) * K2;
        ulong y = Rotate(a + b, 43) + Rotate(c, 30) + d;
        ulong z = Mix(y, a + Rotate(b + K2, 18) + c, multiplier);
        ulong e = Fetch(s, 16) * multiplier;
        ulong f = Fetch(s, 24);
        ulong g = (y + Fetch(s, s.Length - 32)) * multiplier;
        ulong h = (z + Fetch(s, s.Length - 24)) * multiplier;
        return Mix(Rotate(e + f, 43) + Rotate(g, 30) + h, e + Rotate(f + a, 18) + g, multiplier);
    }

    private static (ulong First, ulong Second) Weak(ReadOnlySpan<byte> s, ulong a, ulong b)
    {
        ulong z = Fetch(s, 24);
        a += Fetch(s, 0);
        b = Rotate(b + a + z, 21);
        ulong c = a;
        a += Fetch(s, 8) + Fetch(s, 16);
        b += Rotate(a, 44);
        return (a + z, b + c);
    }

    private static ulong FarmLong(ReadOnlySpan<byte> s)
    {
        const ulong Seed = 81;
        ulong x = Seed;
        ulong y = unchecked((Seed * K1) + 113);
        ulong z = ShiftMix((y * K2) + 113) * K2;
        (ulong First, ulong Second) v = (0, 0);
        (ulong First, ulong Second) w = (0, 0);
        x = (x * K2) + Fetch(s, 0);
        int end = (s.Length - 1) / 64 * 64;
        int rest = (s.Length - 1) & 63;
        for (int at = 0; at < end; at += 64)
        {
            Step(s[at..], K1, 1, ref x, ref y, ref z, ref v, ref w);
        }

        ulong multiplier = K1 + ((z & 0xFF) << 1);
        w.First += (ulong)rest;
        v.First += w.First;
        w.First += v.First;
        Step(s[(end + rest - 63)..], multiplier, 9, ref x, ref y, ref z, ref v, ref w);
        return Mix(Mix(v.First, w.First, multiplier) + (ShiftMix(y) * K0) + z, Mix(v.Second, w.Second, multiplier) + x, multiplier);
    }

    private static void Step(
        ReadOnlySpan<byte> s, ulong multiplier, ulong weight, ref ulong x, ref ulong y, ref ulong z, ref (ulong First, ulong Second) v, ref (ulong First, ulong Second) w)
    {
        x = Rotate(x + y + v.First + Fetch(s, 8), 37) * multiplier;
        y = Rotate(y + v.Second + Fetch(s, 48), 42) * multiplier;
        x ^= w.Second * weight;
        y += (v.First * weight) + Fetch(s, 40);
        z = Rotate(z + w.First, 33) * multiplier;
        v = Weak(s, v.Second * multiplier, x + w.First);
        w = Weak(s[32..], z + w.Second, y + Fetch(s, 16));
        (z, x) = (x, z);
    }
}
