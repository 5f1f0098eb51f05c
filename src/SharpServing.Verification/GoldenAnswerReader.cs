using System.Globalization;
using System.Text.Json;

namespace SharpServing.Verification;

/// <summary>Reads what a case, run or request of golden data expects.</summary>
internal static class GoldenAnswerReader
{
    public static GoldenAnswer Read(JsonElement json, bool messageVaries = false)
    {
        messageVaries |= json.TryGetProperty("message_varies", out JsonElement varies) && varies.ValueKind == JsonValueKind.True;
        GoldenError? error = json.TryGetProperty("error", out JsonElement errorJson) ? GoldenError.Read(errorJson, messageVaries) : null;
        double relative = json.TryGetProperty("rtol", out JsonElement rtol) ? rtol.GetDouble() : 0;
        double absolute = json.TryGetProperty("atol", out JsonElement atol) ? atol.GetDouble() : 0;
        return new GoldenAnswer
        {
            Outputs = error is null ? ReadOutputs(json) : null,
            Error = error,
            Or = ReadAlternative(json, relative, absolute),
            OrAnyOutputs = json.TryGetProperty("or_answers", out _),
            OrAnyError = json.TryGetProperty("optimizer_differs", out _),
            RelativeTolerance = relative,
            AbsoluteTolerance = absolute,
            Check = json.TryGetProperty("check", out JsonElement check) ? CheckOf(check.GetString()!) : GoldenCheck.Values,
        };
    }

    private static GoldenAnswer? ReadAlternative(JsonElement json, double relative, double absolute)
    {
        if (json.TryGetProperty("or_error", out JsonElement error))
        {
            return new GoldenAnswer { Error = GoldenError.Read(error, messageVaries: false) };
        }

        if (!json.TryGetProperty("or", out JsonElement or))
        {
            return null;
        }

        return or.TryGetProperty("error", out error)
            ? new GoldenAnswer { Error = GoldenError.Read(error, messageVaries: false) }
            : new GoldenAnswer { Outputs = ReadOutputs(or), RelativeTolerance = relative, AbsoluteTolerance = absolute };
    }

    private static List<(string Name, GoldenTensor Tensor)>? ReadOutputs(JsonElement json)
    {
        if (!json.TryGetProperty("outputs", out JsonElement outputs))
        {
            return null;
        }

        var tensors = new List<(string, GoldenTensor)>();
        if (outputs.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement output in outputs.EnumerateArray())
            {
                tensors.Add((tensors.Count.ToString(CultureInfo.InvariantCulture), GoldenTensorReader.Read(output)));
            }

            return tensors;
        }

        foreach (JsonProperty output in outputs.EnumerateObject())
        {
            tensors.Add((output.Name, GoldenTensorReader.Read(output.Value)));
        }

        return tensors;
    }

    private static GoldenCheck CheckOf(string name) => name switch
    {
        "values" => GoldenCheck.Values,
        "shape" => GoldenCheck.Shape,
        "unordered" => GoldenCheck.Unordered,
        _ => throw new FormatException($"\"{name}\" is no check."),
    };
}
