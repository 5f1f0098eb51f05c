using System.Globalization;
using System.Text;
using SharpServing.Server.Rest.Json;

namespace SharpServing.Server.Tests.Rest;

public sealed class NumberTextTests
{
    // Tables of the conformance cases E, and what rest_numbers of the transcripts shows.
    [Theory]
    [InlineData(0.1f, "0.1")]
    [InlineData(1f / 3, "0.333333343")]
    [InlineData(1000000f, "1e+06")]
    [InlineData(1234567f, "1234567.0")]
    [InlineData(float.MaxValue, "3.40282347e+38")]
    [InlineData(float.NaN, "NaN")]
    [InlineData(float.NegativeInfinity, "-Infinity")]
    [InlineData(-0f, "-0.0")]
    [InlineData(3f, "3.0")]
    [InlineData(3e-05f, "3e-05")]
    [InlineData(0.0003f, "0.0003")]
    [InlineData(555557.5f, "555557.5")]
    [InlineData(1e-40f, "0.0")]
    [InlineData(9999995f, "9999995.0")]
    [InlineData(999999.5f, "999999.5")]
    public void Write_Float_IsTheOriginalsText(float value, string text) => Print(value).ShouldBe(text);

    [Theory]
    [InlineData(0.1, "0.1")]
    [InlineData(1.0 / 3, "0.33333333333333331")]
    [InlineData(1e23, "1e+23")]
    [InlineData(1.1e23 / 3, "3.6666666666666668e+22")]
    [InlineData(123456.5, "123456.5")]
    [InlineData(5e-324, "0.0")]
    public void Write_Double_IsTheOriginalsText(double value, string text) => Print(value).ShouldBe(text);

    /// <summary>The quick way gives the text that the slow, exact way gives.</summary>
    [Fact]
    public void Write_RandomFloats_EqualExactFormatting()
    {
        var random = new Random(5);
        for (int i = 0; i < 200_000; i++)
        {
            float value = (i % 3) switch
            {
                0 => BitConverter.Int32BitsToSingle(random.Next()),
                1 => MathF.Round(random.NextSingle() * 1000, 3),
                _ => (float)(random.Next(1, 1_000_000) * Math.Pow(10, random.Next(-30, 30))),
            };
            if (float.IsNormal(value))
            {
                Print(value).ShouldBe(Exact(value));
            }
        }
    }

    private static string Print(float value)
    {
        Span<byte> text = stackalloc byte[NumberText.MaxLength];
        return Encoding.ASCII.GetString(text[..NumberText.Write(value, text)]);
    }

    private static string Print(double value)
    {
        Span<byte> text = stackalloc byte[NumberText.MaxLength];
        return Encoding.ASCII.GetString(text[..NumberText.Write(value, text)]);
    }

    private static string Exact(float value)
    {
        string six = G(value, 6);
        string text = float.Parse(six, CultureInfo.InvariantCulture) == value ? six : G(value, 9);
        return text.AsSpan().IndexOfAny('.', 'e') < 0 ? text + ".0" : text;
    }

    /// <summary>C's <c>%.Ng</c>.</summary>
    private static string G(float value, int precision)
    {
        string[] parts = value.ToString($"E{precision - 1}", CultureInfo.InvariantCulture).Split('E');
        int exponent = int.Parse(parts[1], CultureInfo.InvariantCulture);
        if (exponent < -4 || exponent >= precision)
        {
            string mantissa = parts[0].Contains('.', StringComparison.Ordinal) ? parts[0].TrimEnd('0').TrimEnd('.') : parts[0];
            return $"{mantissa}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}";
        }

        string plain = value.ToString($"F{Math.Max(precision - 1 - exponent, 0)}", CultureInfo.InvariantCulture);
        return plain.Contains('.', StringComparison.Ordinal) ? plain.TrimEnd('0').TrimEnd('.') : plain;
    }
}
