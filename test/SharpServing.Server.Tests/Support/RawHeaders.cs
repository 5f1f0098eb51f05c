using System.Text;

namespace SharpServing.Server.Tests.Support;

/// <summary>HPACK as far as a server without a table and without Huffman codes uses it (RFC 7541).</summary>
internal static class RawHeaders
{
    public static List<(string Name, string Value)> Decode(ReadOnlySpan<byte> block)
    {
        var headers = new List<(string, string)>();
        while (!block.IsEmpty)
        {
            byte first = block[0];
            if (first >= 0x80)
            {
                (string name, string value) = Entry(Number(ref block, 7));
                headers.Add((name, value));
            }
            else if ((first & 0xE0) == 0x20)
            {
                Number(ref block, 5).ShouldBe(0, "a table although none was wanted");
            }
            else
            {
                int index = Number(ref block, (first & 0xC0) == 0x40 ? 6 : 4);
                string name = index == 0 ? Text(ref block) : Entry(index).Name;
                headers.Add((name, Text(ref block)));
            }
        }

        return headers;
    }

    /// <summary>Of the static table what answers hold.</summary>
    private static (string Name, string Value) Entry(int index) => index switch
    {
        8 => (":status", "200"),
        >= 9 and <= 14 => (":status", ""),
        28 => ("content-length", ""),
        31 => ("content-type", ""),
        33 => ("date", ""),
        _ => throw new NotSupportedException($"entry {index} of the table"),
    };

    private static int Number(ref ReadOnlySpan<byte> block, int bits)
    {
        int most = (1 << bits) - 1;
        int value = block[0] & most;
        block = block[1..];
        for (int shift = 0; value >= most; shift += 7)
        {
            byte next = block[0];
            block = block[1..];
            value += (next & 0x7F) << shift;
            if (next < 0x80)
            {
                break;
            }
        }

        return value;
    }

    private static string Text(ref ReadOnlySpan<byte> block)
    {
        (block[0] & 0x80).ShouldBe(0, "Huffman codes");
        int length = Number(ref block, 7);
        string text = Encoding.UTF8.GetString(block[..length]);
        block = block[length..];
        return text;
    }
}
