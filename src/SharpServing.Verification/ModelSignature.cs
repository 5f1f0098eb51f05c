using SharpServing.Tensors;
using Tensorflow;

namespace SharpServing.Verification;

/// <summary>A request on a signature, checked and named as the serving layer does before it runs the session.</summary>
internal static class ModelSignature
{
    /// <summary>Feeds of a request, or the serving layer's refusal.</summary>
    /// <param name="inputs">By alias; the parts of a sparse tensor as <c>alias/values</c>, <c>alias/indices</c>, <c>alias/dense_shape</c>.</param>
    public static ServingStatus TryBind(
        SignatureDef signature, IReadOnlyDictionary<string, Dictionary<string, Tensor>> inputs, out List<(string Name, Tensor Value)> feeds)
    {
        feeds = [];
        bool tooMany = inputs.Count > signature.Inputs.Count;
        bool tooFew = inputs.Count < signature.Inputs.Count && signature.Defaults.Count == 0;
        if (tooMany || tooFew)
        {
            return ServingStatus.InvalidArgument(
                $"input size does not match signature: {inputs.Count}!={signature.Inputs.Count} len({Set(inputs.Keys)}) != len({Set(signature.Inputs.Keys)}). " +
                $"Sent extra: {Set(inputs.Keys.Except(signature.Inputs.Keys))}. Missing but required: {Set(signature.Inputs.Keys.Except(inputs.Keys))}.");
        }

        foreach ((string alias, TensorInfo info) in signature.Inputs)
        {
            if (inputs.TryGetValue(alias, out Dictionary<string, Tensor>? parts))
            {
                foreach ((string part, Tensor value) in parts)
                {
                    feeds.Add((NameOf(info, part), value));
                }
            }
            else if (!signature.Defaults.ContainsKey(alias))
            {
                return ServingStatus.InvalidArgument(
                    $"Signature input alias: {alias}(feed name: {info.Name}) not found in request and no default value provided. " +
                    $"Inputs expected to be in the request {Set(inputs.Keys)}, or default input alias set: {string.Join(',', signature.Defaults.Keys.Order(StringComparer.Ordinal))}");
            }
        }

        return ServingStatus.Ok;
    }

    /// <summary>Feeds of a request as they are given, without the serving layer's checks; of two on one tensor the last one counts.</summary>
    public static List<(string Name, Tensor Value)> Bind(SignatureDef signature, IReadOnlyDictionary<string, Dictionary<string, Tensor>> inputs)
    {
        var feeds = new Dictionary<string, Tensor>();
        foreach ((string alias, Dictionary<string, Tensor> parts) in inputs)
        {
            foreach ((string part, Tensor value) in parts)
            {
                feeds[signature.Inputs.TryGetValue(alias, out TensorInfo? info) ? NameOf(info, part) : alias] = value;
            }
        }

        return [.. feeds.Select(feed => (feed.Key, feed.Value))];
    }

    /// <param name="part">Empty for a plain tensor.</param>
    private static string NameOf(TensorInfo info, string part) => part switch
    {
        "values" => info.CooSparse.ValuesTensorName,
        "indices" => info.CooSparse.IndicesTensorName,
        "dense_shape" => info.CooSparse.DenseShapeTensorName,
        _ => info.Name,
    };

    private static string Set(IEnumerable<string> names) => "{" + string.Join(',', names.Order(StringComparer.Ordinal)) + "}";
}
