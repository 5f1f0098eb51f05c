using System.Buffers;
using System.Text;
using Google.Protobuf;
using SharpServing.Tensors;
using Tensorflow;
using Tensorflow.Serving;

namespace SharpServing.Server.Services.Inference;

/// <summary>The Examples of a request as the string vector that a model parses: shape <c>[examples]</c>.</summary>
internal static class ExampleTensor
{
    private static readonly ServingStatus Empty = ServingStatus.InvalidArgument("Input is empty.");

    /// <param name="input">Null: none was sent.</param>
    /// <param name="tensor">The caller gets a reference.</param>
    /// <returns>INVALID_ARGUMENT when there is no Example.</returns>
    public static ServingStatus TryMake(Input? input, out Tensor? tensor)
    {
        tensor = null;
        byte[] context = [];
        IReadOnlyList<Example> examples = [];
        switch (input?.KindCase)
        {
            case Input.KindOneofCase.ExampleList:
                examples = input.ExampleList.Examples;
                break;
            case Input.KindOneofCase.ExampleListWithContext:
                examples = input.ExampleListWithContext.Examples;
                context = input.ExampleListWithContext.Context?.ToByteArray() ?? [];
                break;
        }

        if (examples.Count == 0)
        {
            return Empty;
        }

        tensor = Serialize(examples, context);
        return ServingStatus.Ok;
    }

    /// <summary>Bytes of two messages one after the other are the bytes of both merged: so an Example takes what it lacks from the context.</summary>
    private static Tensor Serialize(IReadOnlyList<Example> examples, ReadOnlySpan<byte> context)
    {
        var builder = new StringTensorBuilder(new Shape(examples.Count));
        byte[] bytes = [];
        foreach (Example example in examples)
        {
            if (HasEmptyKey(example))
            {
                builder.Append([.. context, .. SerializeWithKeys(example)]);
                continue;
            }

            int length = context.Length + example.CalculateSize();
            if (bytes.Length < length)
            {
                bytes = new byte[length * 2];
                context.CopyTo(bytes);
            }

            example.WriteTo(bytes.AsSpan(context.Length, length - context.Length));
            builder.Append(bytes.AsSpan(0, length));
        }

        return builder.Finish();
    }

    private static bool HasEmptyKey(Example example) => example.Features?.Feature.ContainsKey("") ?? false;

    /// <summary>Google.Protobuf leaves an empty key of a map out; TensorFlow's parser of Examples wants every key there, and C++ writes it.</summary>
    private static byte[] SerializeWithKeys(Example example)
    {
        var features = new ArrayBufferWriter<byte>();
        foreach ((string name, Feature feature) in example.Features.Feature)
        {
            byte[] key = Encoding.UTF8.GetBytes(name);
            byte[] value = feature.ToByteArray();
            WriteField(features, 1, Field(1, key).Concat(Field(2, value)).ToArray());
        }

        return Field(1, features.WrittenSpan.ToArray());
    }

    private static byte[] Field(int number, byte[] content)
    {
        var field = new ArrayBufferWriter<byte>();
        WriteField(field, number, content);
        return field.WrittenSpan.ToArray();
    }

    private static void WriteField(ArrayBufferWriter<byte> output, int number, byte[] content)
    {
        using var stream = new MemoryStream();
        using (var coded = new CodedOutputStream(stream))
        {
            coded.WriteTag(number, WireFormat.WireType.LengthDelimited);
            coded.WriteBytes(UnsafeByteOperations.UnsafeWrap(content));
        }

        output.Write(stream.ToArray());
    }
}
