using System.Net;
using System.Text;
using SharpServing.Tensors;
using Tensorflow;

namespace SharpServing.EndToEnd.Tests;

/// <summary>Recorded requests in the JSON of the REST API, and its answers.</summary>
internal static class RestExchange
{
    /// <summary>
    /// Whether JSON can say it: it names each input and takes the types from the signature; in rows, all inputs and outputs have one
    /// number of rows.
    /// </summary>
    public static bool Fits(GoldenRequest request, bool inRows)
    {
        bool fits = request.Inputs.Count == request.Signature.Inputs.Count && request.Inputs.All(input =>
            request.Signature.Inputs.TryGetValue(input.Key, out TensorInfo? info)
            && (int)info.Dtype == (int)input.Value.DType
            && JsonTensors.Carries(input.Value.Shape)
            && (JsonTensors.Carries(input.Value.DType) || input.Value.ElementCount > 0));
        if (!fits || !inRows)
        {
            return fits;
        }

        long rows = RowsOf(request.Inputs.Values.FirstOrDefault()?.Shape);
        return rows > 0 && request.Inputs.Values.All(input => RowsOf(input.Shape) == rows)
            && request.Answer.Outputs?.All(output => RowsOf(output.Tensor.Shape) == rows) != false;
    }

    public static string Body(GoldenRequest request, bool inRows)
    {
        var json = new StringBuilder();
        string key = $"{{\"signature_name\":\"{request.SignatureKey}\",";
        if (!inRows)
        {
            json.Append(key).Append("\"inputs\":{");
            foreach ((string alias, Tensor tensor) in request.Inputs)
            {
                long next = 0;
                json.Append('"').Append(alias).Append("\":");
                JsonTensors.Write(json, tensor, 0, ref next);
                json.Append(',');
            }

            return TakeComma(json).Append("}}").ToString();
        }

        json.Append(key).Append("\"instances\":[");
        var positions = request.Inputs.ToDictionary(input => input.Key, _ => 0L);
        long rows = request.Inputs.Values.First().Shape[0];
        for (long row = 0; row < rows; row++)
        {
            json.Append(request.Inputs.Count > 1 ? "{" : "");
            foreach ((string alias, Tensor tensor) in request.Inputs)
            {
                json.Append(request.Inputs.Count > 1 ? $"\"{alias}\":" : "");
                long next = positions[alias];
                JsonTensors.Write(json, tensor, 1, ref next);
                positions[alias] = next;
                json.Append(',');
            }

            TakeComma(json).Append(request.Inputs.Count > 1 ? "}," : ",");
        }

        return TakeComma(json).Append("]}").ToString();
    }

    /// <summary>The refusal of types that REST does not carry, by the original's rules; null when it carries all.</summary>
    /// <returns>The text as a pattern.</returns>
    public static (int HttpStatus, string Text)? RefusalOf(GoldenRequest request, bool inRows)
    {
        string[] inputs = [.. request.Inputs.Values.Where(input => !JsonTensors.Carries(input.DType)).Select(input => input.DType.ToName())];
        if (inputs.Length > 0)
        {
            return (inRows ? 400 : 501, $"Conversion of JSON Value: .* to type: ({string.Join('|', inputs)})$");
        }

        string[] outputs = [.. request.Signature.Outputs.Values.Select(output => (DType)(int)output.Dtype)
            .Where(type => !JsonTensors.Carries(type)).Select(type => type.ToName())];
        return outputs.Length > 0 && request.Answer.Error is null
            ? (400, $"^Failed to write JSON value for tensor type: ({string.Join('|', outputs)})$")
            : null;
    }

    public static string ErrorOf(byte[] body) => LooseJson.Parse(body) is Dictionary<string, object?> json && json.TryGetValue("error", out object? text)
        ? StatusText.FromBytes((byte[])text!)
        : "(no error)";

    /// <summary>An answer's status; several codes share an HTTP status, so <paramref name="expected"/> is taken where it fits.</summary>
    public static ServingStatus StatusOf(HttpStatusCode http, byte[] body, StatusCode? expected)
    {
        if (http == HttpStatusCode.OK)
        {
            return ServingStatus.Ok;
        }

        StatusCode code = expected is { } wanted && HttpStatusOf(wanted) == (int)http ? wanted : StatusCode.Unknown;
        return new ServingStatus(code, $"{(code == StatusCode.Unknown ? $"HTTP {(int)http}: " : "")}{ErrorOf(body)}");
    }

    public static Dictionary<string, Tensor> Outputs(GoldenRequest request, byte[] body, bool inRows)
    {
        var json = (Dictionary<string, object?>)LooseJson.Parse(body)!;
        object? all = json.ShouldHaveSingleItem().Value;
        json.Keys.ShouldBe([inRows ? "predictions" : "outputs"]);
        bool isSingle = request.Signature.Outputs.Count == 1;
        var outputs = new Dictionary<string, Tensor>();
        foreach ((string alias, TensorInfo info) in request.Signature.Outputs)
        {
            object? value = isSingle ? all
                : !inRows ? ((Dictionary<string, object?>)all!)[alias]
                : ((List<object?>)all!).ConvertAll(row => ((Dictionary<string, object?>)row!)[alias]);
            Shape golden = request.Answer.Outputs?.FirstOrDefault(output => output.Name == alias).Tensor?.Shape ?? new Shape([0]);
            outputs.Add(alias, JsonTensors.Read(value, (DType)(int)info.Dtype, golden));
        }

        return outputs;
    }

    private static int HttpStatusOf(StatusCode code) => code switch
    {
        StatusCode.InvalidArgument or StatusCode.OutOfRange or StatusCode.FailedPrecondition => 400,
        StatusCode.NotFound => 404,
        StatusCode.Unimplemented => 501,
        StatusCode.DeadlineExceeded => 504,
        _ => 500,
    };

    private static long RowsOf(Shape? shape) => shape is { Rank: > 0 } some ? some[0] : -1;

    private static StringBuilder TakeComma(StringBuilder json)
    {
        json.Length -= json[^1] == ',' ? 1 : 0;
        return json;
    }
}
