using System.Text;
using SharpServing.Runtime.Execution;
using SharpServing.Runtime.Registry;
using SharpServing.Runtime.Shapes;
using SharpServing.Tensors;

namespace SharpServing.Ops.Strings;

/// <summary>Strings: joining, lengths, base64, conversion from and to numbers.</summary>
internal static class StringOps
{
    public static void Register(OpRegistry registry)
    {
        registry.Add("StringJoin", StringShapes.Join, MakeJoin);
        registry.Add("StringLength", ShapeFunctions.Unchanged, MakeLength);
        registry.Add("StringToNumber", ShapeFunctions.Unchanged, MakeToNumber);
        registry.Add("DecodeBase64", ShapeFunctions.Unchanged, static context => MapStrings(context, Base64.Decode));
        registry.Add("EncodeBase64", ShapeFunctions.Unchanged, MakeEncodeBase64);
        registry.Add("AsString", ShapeFunctions.Unchanged, MakeAsString);
    }

    public static void MapStrings(OpContext context, Func<byte[], byte[]> map)
    {
        Tensor input = context.Input(0);
        var builder = new StringTensorBuilder(input.Shape);
        for (long i = 0; i < input.ElementCount; i++)
        {
            builder.Append(map(input.String(i).ToArray()));
        }

        context.SetOutput(0, builder.Finish());
    }

    private static OpKernel MakeJoin(KernelBuilder builder)
    {
        byte[] separator = builder.Attributes.StringBytes("separator");
        return new LambdaKernel(context =>
        {
            Shape shape = Shape.Scalar;
            for (int i = 0; i < context.InputCount; i++)
            {
                Shape part = context.Input(i).Shape;
                if (part.Rank > 0)
                {
                    if (shape.Rank > 0 && shape != part)
                    {
                        throw StatusException.InvalidArgument($"Input shapes do not match: {shape} vs. {part}");
                    }

                    shape = part;
                }
            }

            var result = new StringTensorBuilder(shape);
            var text = new List<byte>();
            for (long n = 0; n < shape.ElementCount; n++)
            {
                text.Clear();
                for (int i = 0; i < context.InputCount; i++)
                {
                    if (i > 0)
                    {
                        text.AddRange(separator);
                    }

                    Tensor part = context.Input(i);
                    text.AddRange(part.String(part.Rank == 0 ? 0 : n));
                }

                result.Append(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(text));
            }

            context.SetOutput(0, result.Finish());
        });
    }

    private static OpKernel MakeLength(KernelBuilder builder)
    {
        bool characters = builder.Attributes.String("unit") == "UTF8_CHAR";
        return new LambdaKernel(context =>
        {
            Tensor input = context.Input(0);
            Span<int> lengths = context.Allocate(0, input.Shape).Span<int>();
            for (int i = 0; i < lengths.Length; i++)
            {
                ReadOnlySpan<byte> text = input.String(i);
                int count = text.Length;
                if (characters)
                {
                    count = 0;
                    foreach (byte unit in text)
                    {
                        // Continuation bytes do not start a character.
                        count += (unit & 0xC0) != 0x80 ? 1 : 0;
                    }
                }

                lengths[i] = count;
            }
        });
    }

    private static OpKernel MakeToNumber(KernelBuilder builder)
    {
        DType type = builder.OutputType(0);
        return new LambdaKernel(context =>
        {
            Tensor input = context.Input(0);
            Tensor output = context.Allocate(0, input.Shape);
            for (int i = 0; i < input.ElementCount; i++)
            {
                string text = StatusText.FromBytes(input.String(i));
                if (!TryParse(text, output, i))
                {
                    // The original's text goes through a C string: it ends at a NUL.
                    int end = text.IndexOf('\0', StringComparison.Ordinal);
                    throw StatusException.InvalidArgument($"StringToNumberOp could not correctly convert string: {(end < 0 ? text : text[..end])}");
                }
            }
        });

        bool TryParse(string text, Tensor output, int i) =>
            type switch
            {
                DType.Float => NumberText.TryParseFloat(text, out output.Span<float>()[i]),
                DType.Double => NumberText.TryParseDouble(text, out output.Span<double>()[i]),
                DType.Int32 => NumberText.TryParseInteger(text, out output.Span<int>()[i]),
                DType.Int64 => NumberText.TryParseInteger(text, out output.Span<long>()[i]),
                DType.UInt32 => NumberText.TryParseInteger(text, out output.Span<uint>()[i]),
                _ => NumberText.TryParseInteger(text, out output.Span<ulong>()[i]),
            };
    }

    private static OpKernel MakeEncodeBase64(KernelBuilder builder)
    {
        bool pad = builder.Attributes.Bool("pad");
        return new LambdaKernel(context => MapStrings(context, text => Base64.Encode(text, pad)));
    }

    private static OpKernel MakeAsString(KernelBuilder builder)
    {
        if (builder.InputType(0) is DType.Resource or DType.Variant)
        {
            return builder.UnsupportedType(builder.InputType(0));
        }

        var format = new NumberFormat(builder.Attributes, builder.InputType(0));
        return new LambdaKernel(context =>
        {
            Tensor input = context.Input(0);
            var result = new StringTensorBuilder(input.Shape);
            for (int i = 0; i < input.ElementCount; i++)
            {
                // Latin-1 keeps bytes one to one for the padding of strings.
                result.Append(input.DType == DType.String
                    ? Encoding.Latin1.GetBytes(format.Print(Encoding.Latin1.GetString(input.String(i))))
                    : Encoding.ASCII.GetBytes(format.Print(input, i)));
            }

            context.SetOutput(0, result.Finish());
        });
    }
}
