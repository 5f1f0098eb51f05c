using SharpServing.Ops.Support;
using SharpServing.Runtime.Registry;
using SharpServing.Runtime.Resources;
using SharpServing.Runtime.Shapes;
using SharpServing.Tensors;

namespace SharpServing.Ops.Random;

/// <summary>Stateful random ops: seeded by attributes, the stream of a node goes on from run to run.</summary>
internal static class RandomOps
{
    private const long NumbersReserved = 256;

    public static void Register(OpRegistry registry)
    {
        registry.Add("RandomUniform", ShapeFunctions.FromSizes, MakeUniform, OpTraits.NoEffect);
        registry.Add("RandomStandardNormal", ShapeFunctions.FromSizes, MakeNormal, OpTraits.NoEffect);
        registry.Add("RandomUniformInt", ShapeFunctions.FromSizes, MakeUniformInt, OpTraits.NoEffect);
    }

    private static PhiloxStream Stream(KernelBuilder builder)
    {
        long seed = builder.Attributes.Int("seed");
        long seed2 = builder.Attributes.Int("seed2");
        string name = $"{builder.Node.FunctionName}/{builder.Node.Name}";
        ResourceHandle handle = builder.Session.Handle("_random", name, "Philox");
        return handle.GetOrCreate(() => new PhiloxStream(seed, seed2));
    }

    private static Shape ReadShape(Tensor input)
    {
        if (input.Rank != 1)
        {
            throw StatusException.InvalidArgument($"shape must be a vector of {{int32,int64}}, got shape {input.Shape}");
        }

        long[] sizes = IndexInput.All(input);
        foreach (long size in sizes)
        {
            if (size < 0)
            {
                throw StatusException.InvalidArgument($"Dimension {size} must be >= 0");
            }
        }

        return Shape.TryCreate(sizes, out Shape shape)
            ? shape
            : throw StatusException.InvalidArgument($"Shape [{string.Join(',', sizes)}] would have more than 2**63 - 1 elements");
    }

    private static OpKernel MakeUniform(KernelBuilder builder)
    {
        DType type = builder.OutputType(0);
        if (!type.IsFloating())
        {
            return builder.UnsupportedType(type);
        }

        PhiloxStream stream = Stream(builder);
        return new LambdaKernel(context =>
        {
            Tensor result = context.Allocate(0, ReadShape(context.Input(0)));
            Philox generator = stream.Reserve(result.ElementCount, NumbersReserved);
            Span<uint> bits = stackalloc uint[4];
            int per = type == DType.Double ? 2 : 4;
            for (int i = 0; i < result.ElementCount; i += per)
            {
                (bits[0], bits[1], bits[2], bits[3]) = generator.Next();
                for (int j = 0; j < per && i + j < result.ElementCount; j++)
                {
                    switch (type)
                    {
                        case DType.Float:
                            result.Span<float>()[i + j] = UniformBits.ToFloat(bits[j]);
                            break;
                        case DType.Double:
                            result.Span<double>()[i + j] = UniformBits.ToDouble(bits[2 * j], bits[(2 * j) + 1]);
                            break;
                        case DType.Half:
                            result.Span<Half>()[i + j] = UniformBits.ToHalf(bits[j]);
                            break;
                        default:
                            result.Span<BFloat16>()[i + j] = UniformBits.ToBFloat16(bits[j]);
                            break;
                    }
                }
            }
        });
    }

    private static OpKernel MakeNormal(KernelBuilder builder)
    {
        if (builder.OutputType(0) != DType.Float)
        {
            return builder.UnsupportedType(builder.OutputType(0));
        }

        PhiloxStream stream = Stream(builder);
        return new LambdaKernel(context =>
        {
            Tensor result = context.Allocate(0, ReadShape(context.Input(0)));
            Span<float> values = result.Span<float>();
            Philox generator = stream.Reserve(result.ElementCount, NumbersReserved);
            for (int i = 0; i < values.Length; i += 4)
            {
                (uint a, uint b, uint c, uint d) = generator.Next();
                (float first, float second) = BoxMuller(a, b);
                (float third, float fourth) = BoxMuller(c, d);
                ReadOnlySpan<float> four = [first, second, third, fourth];
                four[..System.Math.Min(4, values.Length - i)].CopyTo(values[i..]);
            }
        });
    }

    /// <summary>Two normal numbers of two uniform ones.</summary>
    private static (float First, float Second) BoxMuller(uint a, uint b)
    {
        float u = System.Math.Max(UniformBits.ToFloat(a), 1.0e-7f);
        float angle = (float)(2 * System.Math.PI * UniformBits.ToFloat(b));
        float radius = MathF.Sqrt(-2f * MathF.Log(u));
        return (MathF.Sin(angle) * radius, MathF.Cos(angle) * radius);
    }

    private static OpKernel MakeUniformInt(KernelBuilder builder)
    {
        DType type = builder.OutputType(0);
        PhiloxStream stream = Stream(builder);
        return new LambdaKernel(context =>
        {
            Shape shape = ReadShape(context.Input(0));
            Tensor low = context.Input(1);
            Tensor high = context.Input(2);
            if (low.Rank != 0)
            {
                throw StatusException.InvalidArgument($"minval must be 0-D, got shape {low.Shape}");
            }

            if (high.Rank != 0)
            {
                throw StatusException.InvalidArgument($"maxval must be 0-D, got shape {high.Shape}");
            }

            Tensor result = context.Allocate(0, shape);
            if (shape.ElementCount == 0)
            {
                return;
            }

            long from = IndexInput.Scalar(low);
            long to = IndexInput.Scalar(high);
            if (from >= to)
            {
                throw StatusException.InvalidArgument($"Need minval < maxval, got {from} >= {to}");
            }

            Philox generator = stream.Reserve(shape.ElementCount, NumbersReserved);
            Span<uint> bits = stackalloc uint[4];
            int per = type == DType.Int64 ? 2 : 4;
            for (int i = 0; i < shape.ElementCount; i += per)
            {
                (bits[0], bits[1], bits[2], bits[3]) = generator.Next();
                for (int j = 0; j < per && i + j < shape.ElementCount; j++)
                {
                    if (type == DType.Int64)
                    {
                        ulong value = bits[2 * j] | ((ulong)bits[(2 * j) + 1] << 32);
                        result.Span<long>()[i + j] = unchecked(from + (long)(value % (ulong)(to - from)));
                    }
                    else
                    {
                        result.Span<int>()[i + j] = unchecked((int)(from + (bits[j] % (uint)(to - from))));
                    }
                }
            }
        });
    }
}
