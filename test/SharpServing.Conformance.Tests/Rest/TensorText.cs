using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace SharpServing.Conformance.Tests.Rest;

/// <summary>Tensors as section C prints them: <c>x float[2] = [1, NaN]</c>.</summary>
internal static partial class TensorText
{
    /// <summary>Each output of an answer of <see cref="PassThroughModels"/>, by the order of their names.</summary>
    /// <param name="answer">Body of the answer.</param>
    /// <param name="inputs">Such as <c>a:float,b:string</c>.</param>
    public static string Of(string answer, string inputs)
    {
        using JsonDocument document = JsonDocument.Parse(BareWord().Replace(answer, "\"$0\""));
        bool isRow = document.RootElement.TryGetProperty("predictions", out JsonElement values);
        if (!isRow)
        {
            values = document.RootElement.GetProperty("outputs");
        }

        string[] names = inputs.Split(',');
        var lines = new List<string>();
        foreach (string input in names)
        {
            (string alias, string type) = (input.Split(':')[0], input.Split(':')[1]);
            string output = type == "string" ? alias + "_bytes" : alias;
            var sizes = new List<int>();
            var items = new List<string>();
            if (names.Length == 1)
            {
                Collect(values, 0, sizes, items);
            }
            else if (isRow)
            {
                sizes.Add(values.GetArrayLength());
                foreach (JsonElement row in values.EnumerateArray())
                {
                    Collect(row.GetProperty(output), 1, sizes, items);
                }
            }
            else
            {
                Collect(values.GetProperty(output), 0, sizes, items);
            }

            lines.Add($"{alias} {type}[{string.Join(',', sizes)}] = [{string.Join(", ", items.Select(item => Print(item, type)))}]");
        }

        return string.Join('\n', lines.Order(StringComparer.Ordinal));
    }

    /// <summary>The document prints narrow integers as the request has them; the tensor holds their low bits.</summary>
    public static string Wrap(string expected) => NarrowLine().Replace(expected, line => line.Groups["head"].Value + Integer().Replace(line.Groups["values"].Value, number =>
    {
        long value = long.Parse(number.Value, CultureInfo.InvariantCulture);
        long low = line.Groups["type"].Value switch
        {
            "uint8" => (byte)value,
            "int8" => (sbyte)value,
            "uint16" => (ushort)value,
            _ => (short)value,
        };
        return low.ToString(CultureInfo.InvariantCulture);
    }));

    /// <summary>UTF-8, else Latin-1; control characters by their code.</summary>
    public static string Quote(byte[] bytes)
    {
        string text = System.Text.Unicode.Utf8.IsValid(bytes) ? Encoding.UTF8.GetString(bytes) : Encoding.Latin1.GetString(bytes);
        return $"\"{Control().Replace(text, c => $"\\x{(int)c.Value[0]:x2}")}\"";
    }

    public static string Float(double value) => Word(value, "G9");

    private static string Word(double value, string format) =>
        double.IsInfinity(value) ? value > 0 ? "Infinity" : "-Infinity" : value.ToString(format, CultureInfo.InvariantCulture).Replace('E', 'e');

    private static string Print(string item, string type) => type switch
    {
        "float" => Float(double.Parse(item, CultureInfo.InvariantCulture)),
        "double" => Word(double.Parse(item, CultureInfo.InvariantCulture), "G17"),
        "string" => Quote(Convert.FromBase64String(item)),
        _ => item,
    };

    private static void Collect(JsonElement value, int depth, List<int> sizes, List<string> items)
    {
        if (value.ValueKind != JsonValueKind.Array)
        {
            items.Add(value.ValueKind switch
            {
                JsonValueKind.Object => value.GetProperty("b64").GetString()!,
                JsonValueKind.String => value.GetString()!,
                _ => value.GetRawText(),
            });
            return;
        }

        if (sizes.Count == depth)
        {
            sizes.Add(value.GetArrayLength());
        }

        value.GetArrayLength().ShouldBe(sizes[depth]);
        foreach (JsonElement item in value.EnumerateArray())
        {
            Collect(item, depth + 1, sizes, items);
        }
    }

    [GeneratedRegex(@"(?<=[\[\s:,])-?(?:NaN|Infinity)\b", RegexOptions.None, 5000)]
    private static partial Regex BareWord();

    [GeneratedRegex(@"(?<head>\w+ (?<type>u?int(?:8|16))\[[0-9,]*\] = )(?<values>\[.*\])", RegexOptions.None, 5000)]
    private static partial Regex NarrowLine();

    [GeneratedRegex("-?[0-9]+", RegexOptions.None, 5000)]
    private static partial Regex Integer();

    [GeneratedRegex("[\\x00-\\x1f]", RegexOptions.None, 5000)]
    private static partial Regex Control();
}
