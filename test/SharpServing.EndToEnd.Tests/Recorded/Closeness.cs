using System.Globalization;
using System.Text.RegularExpressions;
using System.Text.Json.Nodes;
using Google.Protobuf.Collections;
using Tensorflow;
using Tensorflow.Serving;

namespace SharpServing.EndToEnd.Tests.Recorded;

/// <summary>Answers that are the same but for the last bits of their numbers: 1e-4 of the number, as recordings on two machines differ.</summary>
internal static partial class Closeness
{
    /// <summary>The same text, where numbers with a fraction may be near.</summary>
    public static bool Text(string want, string got)
    {
        Match a = Number().Match(want);
        Match b = Number().Match(got);
        int atWant = 0;
        int atGot = 0;
        while (a.Success && b.Success)
        {
            if (!want.AsSpan(atWant, a.Index - atWant).SequenceEqual(got.AsSpan(atGot, b.Index - atGot)) || !IsNear(a.Value, b.Value))
            {
                return false;
            }

            atWant = a.Index + a.Length;
            atGot = b.Index + b.Length;
            a = a.NextMatch();
            b = b.NextMatch();
        }

        return !a.Success && !b.Success && want.AsSpan(atWant).SequenceEqual(got.AsSpan(atGot));
    }

    /// <summary>The same JSON, whatever the order of members.</summary>
    public static bool Json(JsonNode? want, JsonNode? got) => (want, got) switch
    {
        (JsonObject a, JsonObject b) => a.Count == b.Count && a.All(member => b.ContainsKey(member.Key) && Json(member.Value, b[member.Key])),
        (JsonArray a, JsonArray b) => a.Count == b.Count && a.Zip(b).All(pair => Json(pair.First, pair.Second)),
        (JsonValue a, JsonValue b) => IsNear(a.ToJsonString(), b.ToJsonString()),
        _ => want is null && got is null,
    };

    public static bool Messages(PredictResponse want, PredictResponse got)
    {
        if (!want.ModelSpec.Equals(got.ModelSpec) || want.Outputs.Count != got.Outputs.Count)
        {
            return false;
        }

        return want.Outputs.All(output => got.Outputs.TryGetValue(output.Key, out TensorProto? other) && Tensors(output.Value, other));
    }

    [GeneratedRegex("-?[0-9]+(?:[.][0-9]+)?(?:[eE][-+]?[0-9]+)?", RegexOptions.NonBacktracking)]
    private static partial Regex Number();

    private static bool Tensors(TensorProto want, TensorProto got)
    {
        TensorProto a = want.Clone();
        TensorProto b = got.Clone();
        return (a.Dtype is not (DataType.DtHalf or DataType.DtBfloat16) || Near(Floats(a), Floats(b)))
            && Near(Take(a.FloatVal), Take(b.FloatVal)) && Near(Take(a.DoubleVal), Take(b.DoubleVal))
            && Near(Take(a.ScomplexVal), Take(b.ScomplexVal)) && Near(Take(a.DcomplexVal), Take(b.DcomplexVal))
            && a.Equals(b);
    }

    private static double[] Floats(TensorProto tensor)
    {
        double[] values = [.. tensor.HalfVal.Select(bits => tensor.Dtype == DataType.DtHalf
            ? (double)BitConverter.UInt16BitsToHalf((ushort)bits)
            : BitConverter.Int32BitsToSingle(bits << 16))];
        tensor.HalfVal.Clear();
        return values;
    }

    private static double[] Take<T>(RepeatedField<T> values)
        where T : IConvertible
    {
        double[] taken = [.. values.Select(value => value.ToDouble(CultureInfo.InvariantCulture))];
        values.Clear();
        return taken;
    }

    private static bool Near(double[] want, double[] got) => want.Length == got.Length && want.Zip(got).All(pair => IsNear(pair.First, pair.Second));

    private static bool IsNear(string want, string got) => want == got
        || (want.AsSpan().IndexOfAny(".eE") >= 0
            && double.TryParse(want, CultureInfo.InvariantCulture, out double a) && double.TryParse(got, CultureInfo.InvariantCulture, out double b) && IsNear(a, b));

    private static bool IsNear(double want, double got) =>
        want.Equals(got) || Math.Abs(want - got) <= 1e-4 * Math.Max(1e-2, Math.Max(Math.Abs(want), Math.Abs(got)));
}
