using System.Globalization;
using System.Text;
using SharpServing.Server.Rest.Json;

namespace SharpServing.Server.Tests.Rest;

public sealed class JsonParserTests
{
    [Fact]
    public void Parse_RandomDecimals_AreWithinTwoUnitsOfTheNearestDouble()
    {
        var random = new Random(9);
        var document = new JsonDocument();
        for (int i = 0; i < 50_000; i++)
        {
            double value = random.NextDouble() * Math.Pow(10, random.Next(-20, 20));
            string text = value.ToString(i % 2 == 0 ? "R" : "F12", CultureInfo.InvariantCulture);
            JsonParser.TryParse(Encoding.ASCII.GetBytes(text), 10, document).ShouldBe(ServingStatus.Ok);
            double nearest = double.Parse(text, CultureInfo.InvariantCulture);
            double distance = Math.Abs(document.Root.Double - nearest);
            distance.ShouldBeLessThanOrEqualTo(3 * (Math.BitIncrement(nearest) - nearest), text);
        }
    }

    /// <summary>The usual way and the full way are two codes for one rule.</summary>
    [Fact]
    public void ParseNumber_UsualAndFull_AreTheSame()
    {
        var random = new Random(13);
        for (int i = 0; i < 100_000; i++)
        {
            var text = new StringBuilder(random.Next(2) == 0 ? "-" : "");
            AppendDigits(text, random, random.Next(1, 20));
            if (random.Next(2) == 0)
            {
                AppendDigits(text.Append('.'), random, random.Next(1, 22));
            }

            if (random.Next(3) == 0)
            {
                AppendDigits(text.Append('e').Append(random.Next(2) == 0 ? "-" : ""), random, random.Next(1, 4));
            }

            byte[] bytes = Encoding.ASCII.GetBytes(text.Append(',').ToString());
            int position = 0;
            if (JsonNumberParser.TryParseUsual(bytes, ref position, out JsonKind kind, out ulong bits))
            {
                var full = new JsonNumberParser(bytes, 0);
                full.TryParse(out JsonKind fullKind, out ulong fullBits).ShouldBeTrue(text.ToString());
                (kind, bits, position).ShouldBe((fullKind, fullBits, full.Position), text.ToString());
            }
        }
    }

    /// <summary>What RapidJSON 1.1.0 answers, with the flags of the original.</summary>
    [Theory]
    [InlineData("NaN.5", 0.5)]
    [InlineData("-NaN.5", -0.5)]
    [InlineData("Infinity.0", 0)]
    [InlineData("Inf.25e1", 2.5)]
    [InlineData("-Inf", double.NegativeInfinity)]
    [InlineData("-NaN", double.NaN)]
    [InlineData("4.9e-324", 0)]
    [InlineData("17.97693134862315e307 x", 1.797693134862315e308)]
    public void Parse_OddNumber_IsRapidJsons(string text, double expected)
    {
        var document = new JsonDocument();
        JsonParser.TryParse(Encoding.ASCII.GetBytes(text), 10, document).ShouldBe(ServingStatus.Ok);
        document.Root.Double.ShouldBe(expected);
    }

    [Theory]
    [InlineData(new byte[] { 0xEF, 0xBB, 0xBF, (byte)'7' })]
    [InlineData(new byte[] { 0xBF, (byte)'7' })]
    [InlineData(new byte[] { 0xEF, (byte)'7' })]
    [InlineData(new byte[] { 0xEF, 0xBF, (byte)'7' })]
    public void Parse_ByteOrderMark_EachByteMayBeMissing(byte[] text)
    {
        var document = new JsonDocument();
        JsonParser.TryParse(text, 10, document).ShouldBe(ServingStatus.Ok);
        document.Root.Int64.ShouldBe(7);
    }

    [Theory]
    [InlineData(new byte[] { 0xBB }, "The document is empty. at offset: 1")]
    [InlineData(new byte[] { 0xBB, 0xEF, (byte)'7' }, "Invalid value. at offset: 1")]
    [InlineData(new byte[] { (byte)'I', (byte)'n', (byte)'f', (byte)'E', (byte)'x' }, "Miss exponent in number. at offset: 4")]
    [InlineData(new byte[] { (byte)'N', (byte)'a', (byte)'N', (byte)'.' }, "Miss fraction part in number. at offset: 4")]
    public void Parse_OddBeginning_IsRefusedAsRapidJsonDoes(byte[] text, string expected)
    {
        var document = new JsonDocument();
        JsonParser.TryParse(text, 10, document).Message.ShouldBe("JSON Parse error: " + expected);
    }

    [Fact]
    public void Parse_MutatedAndTruncated_NeverThrows()
    {
        var random = new Random(17);
        byte[] body = Encoding.UTF8.GetBytes("{\"a\": [1, -2.5e3, NaN, -Infinity, true, null, {\"b\\u00e9\": \"\\ud83d\\ude00 x\"}], \"c\": {}}");
        var document = new JsonDocument();
        for (int length = 0; length < body.Length; length++)
        {
            JsonParser.TryParse(body.AsMemory(0, length), 10, document).IsOk.ShouldBeFalse();
        }

        for (int i = 0; i < 50_000; i++)
        {
            byte[] mutated = [.. body];
            mutated[random.Next(mutated.Length)] = (byte)random.Next(256);
            if (JsonParser.TryParse(mutated, 10, document).IsOk)
            {
                JsonDebugText.Of(document.Root).ShouldNotBeNull();
            }
        }
    }

    [Fact]
    public void Parse_DeepNesting_NeedsNoStack()
    {
        byte[] body = Encoding.ASCII.GetBytes($"{{\"instances\":[1],\"x\":{new string('[', 500_000)}{new string(']', 500_000)}}}");
        var document = new JsonDocument();
        JsonParser.TryParse(body, 1_000_000, document).ShouldBe(ServingStatus.Ok);
        JsonParser.TryParse(body, 1000, document).Code.ShouldBe(StatusCode.InvalidArgument);
    }

    private static void AppendDigits(StringBuilder text, Random random, int count)
    {
        for (int i = 0; i < count; i++)
        {
            text.Append((char)('0' + random.Next(10)));
        }
    }
}
