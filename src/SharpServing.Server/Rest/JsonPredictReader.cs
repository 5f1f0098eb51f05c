using System.Globalization;
using SharpServing.Server.Rest.Json;
using SharpServing.Server.Services;
using SharpServing.Tensors;

namespace SharpServing.Server.Rest;

/// <summary>
/// Makes the inputs of a Predict from a JSON body: <c>instances</c>, a list with one element a row, or <c>inputs</c>, whole tensors.
/// Source: <c>FillPredictRequestFromJson</c> in util/json_tensor.cc.
/// </summary>
internal static class JsonPredictReader
{
    /// <summary>The root and <c>signature_name</c>: what is needed to find the signature.</summary>
    public static ServingStatus TryReadSignature(JsonValue root, RestPredictCall call)
    {
        ServingStatus status = JsonSignatureName.TryRead(root, out string name);
        call.SignatureName = name;
        return status;
    }

    /// <summary>The inputs, by the declarations of the signature.</summary>
    public static ServingStatus TryReadInputs(JsonValue root, SignatureModel signature, RestPredictCall call)
    {
        bool hasInstances = root.TryGetMember("instances"u8, out JsonValue instances);
        bool hasInputs = root.TryGetMember("inputs"u8, out JsonValue inputs);
        if (hasInstances && hasInputs)
        {
            return RestFaults.Quoting(root, "Not formatted correctly expecting only one of 'inputs' or 'instances' keys to exist ");
        }

        if (!hasInstances)
        {
            return hasInputs ? TryReadColumns(inputs, signature, call) : RestFaults.NoKey;
        }

        call.IsRow = true;
        if (!instances.IsArray)
        {
            return RestFaults.Quoting(root, "Expecting 'instances' to be an list/array");
        }

        return instances.Count > 0 ? TryReadRows(instances, signature, call) : RestFaults.Quoting(root, "No values in 'instances' array");
    }

    private static ServingStatus TryReadColumns(JsonValue inputs, SignatureModel signature, RestPredictCall call)
    {
        ReadOnlySpan<TensorBinding> bindings = signature.Inputs;
        bool byName = inputs.IsObject && !JsonBase64.Is(inputs);
        if (!byName && bindings.Length > 1)
        {
            return RestFaults.PlainInputs;
        }

        foreach (TensorBinding binding in bindings)
        {
            JsonValue value = inputs;
            if (byName && !inputs.TryGetMember(StatusText.ToBytes(binding.Alias), out value))
            {
                return ServingStatus.InvalidArgument($"Missing named input: {binding.Alias} in 'inputs' object.");
            }

            using var reader = new JsonTensorReader(binding.DType);
            ServingStatus status = reader.TryAdd(value, out _);
            if (status.IsOk)
            {
                status = TryFinish(reader, reader.Sizes, binding, call);
            }

            if (!status.IsOk)
            {
                return status;
            }
        }

        return ServingStatus.Ok;
    }

    private static ServingStatus TryReadRows(JsonValue instances, SignatureModel signature, RestPredictCall call)
    {
        var inputs = new RowInput[signature.Inputs.Length];
        for (int i = 0; i < inputs.Length; i++)
        {
            inputs[i] = new RowInput(signature.Inputs[i]);
        }

        try
        {
            bool byName = IsNamed(instances.First);
            if (inputs.Length > 1 && !instances.First.IsObject)
            {
                return RestFaults.PlainInstances;
            }

            JsonValue element = instances.First;
            for (int i = 0; i < instances.Count; i++)
            {
                ServingStatus status = TryReadRow(element, i, byName, inputs);
                if (!status.IsOk)
                {
                    return status;
                }

                element = element.Next;
            }

            return TryFinishRows(inputs, instances.Count, call);
        }
        finally
        {
            foreach (RowInput input in inputs)
            {
                input.Reader.Dispose();
            }
        }
    }

    private static bool IsNamed(JsonValue element) => element.IsObject && !JsonBase64.Is(element);

    private static ServingStatus TryReadRow(JsonValue element, int index, bool byName, RowInput[] inputs)
    {
        if (IsNamed(element) != byName)
        {
            return ServingStatus.InvalidArgument(byName
                ? Text($"Expecting object but got list at item {index} of input list")
                : Text($"Expecting value/list but got object at item {index} of input list"));
        }

        if (!byName)
        {
            ServingStatus status = inputs[0].TryAdd(element);
            return status.IsOk
                ? status
                : ServingStatus.InvalidArgument(Text($"Failed to process element: {index} of 'instances' list. Error: {status}"));
        }

        int seen = 0;
        JsonValue name = element.First;
        for (int i = element.Count; i > 0; i--)
        {
            RowInput? input = Find(inputs, name.String);
            JsonValue value = name.Next;
            ServingStatus status = input?.TryAdd(value)
                ?? ServingStatus.InvalidArgument($"JSON object: does not have named input: {StatusText.FromBytes(name.String)}");
            if (!status.IsOk)
            {
                return ServingStatus.InvalidArgument(
                    Text($"Failed to process element: {index} key: {StatusText.FromBytes(name.String)} of 'instances' list. Error: {status}"));
            }

            seen += input!.LastRow == index ? 0 : 1;
            input.LastRow = index;
            name = value.Next;
        }

        return seen == inputs.Length
            ? ServingStatus.Ok
            : ServingStatus.InvalidArgument(Text(
                $"Failed to process element: {index} of 'instances' list. JSON object: {JsonDebugText.Of(element)} keys must be equal to: {KeysOf(inputs)}"));
    }

    private static ServingStatus TryFinishRows(RowInput[] inputs, int rows, RestPredictCall call)
    {
        Span<long> sizes = stackalloc long[Shape.MaxRank + 1];
        foreach (RowInput input in inputs)
        {
            // With a plain list of base64 objects only the first input got values.
            if (input.Rank < 0)
            {
                continue;
            }

            if (input.Rank >= Shape.MaxRank)
            {
                return PredictFaults.TensorDoesNotParse(input.Binding.Alias);
            }

            sizes[0] = rows;
            input.Sizes.CopyTo(sizes[1..]);
            ServingStatus status = TryFinish(input.Reader, sizes[..(input.Rank + 1)], input.Binding, call);
            if (!status.IsOk)
            {
                return status;
            }
        }

        return ServingStatus.Ok;
    }

    private static ServingStatus TryFinish(JsonTensorReader reader, ReadOnlySpan<long> sizes, in TensorBinding binding, RestPredictCall call)
    {
        if (reader.Finish(sizes) is not { } tensor)
        {
            return PredictFaults.TensorDoesNotParse(binding.Alias);
        }

        call.AddInput(binding.Alias, tensor);
        return ServingStatus.Ok;
    }

    private static RowInput? Find(RowInput[] inputs, ReadOnlySpan<byte> name)
    {
        foreach (RowInput input in inputs)
        {
            if (name.SequenceEqual(input.Name))
            {
                return input;
            }
        }

        return null;
    }

    private static string KeysOf(RowInput[] inputs) => AliasSet.Format(inputs.Select(static i => i.Binding.Alias));

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    /// <summary>One input while the rows are read.</summary>
    private sealed class RowInput
    {
        private long _count;
        private long[] _sizes = [];

        public RowInput(TensorBinding binding)
        {
            Binding = binding;
            Name = StatusText.ToBytes(binding.Alias);
            Reader = new JsonTensorReader(binding.DType);
        }

        public TensorBinding Binding { get; }

        public byte[] Name { get; }

        public JsonTensorReader Reader { get; }

        /// <summary>The row that this input was last read from; -1: none.</summary>
        public int LastRow { get; set; } = -1;

        /// <summary>Of one row; -1: none was read.</summary>
        public int Rank { get; private set; } = -1;

        public ReadOnlySpan<long> Sizes => _sizes;

        /// <summary>Adds a row, which must be of the size and shape of the first.</summary>
        public ServingStatus TryAdd(JsonValue value)
        {
            ServingStatus status = Reader.TryAdd(value, out long count);
            if (!status.IsOk)
            {
                return status;
            }

            if (Rank < 0)
            {
                _count = count;
                _sizes = Reader.Sizes.ToArray();
                Rank = _sizes.Length;
                return ServingStatus.Ok;
            }

            if (_count != count)
            {
                return ServingStatus.InvalidArgument(Text($"Expecting tensor size: {_count} but got: {count}"));
            }

            return Reader.Sizes.SequenceEqual(_sizes)
                ? ServingStatus.Ok
                : ServingStatus.InvalidArgument($"Expecting shape [{string.Join(',', _sizes)}] but got: [{string.Join(',', Reader.Sizes.ToArray())}]");
        }
    }
}
