using SharpServing.Runtime.Registry;
using SharpServing.Runtime.Shapes;
using SharpServing.Tensors;

namespace SharpServing.Ops.Strings;

/// <summary>Strings to buckets by hash: unsigned remainder of the hash by the number of buckets.</summary>
internal static class StringBucketOps
{
    public static void Register(OpRegistry registry)
    {
        registry.Add("StringToHashBucketFast", ShapeFunctions.Unchanged, static builder => Make(builder, StringHash.Farm));
        registry.Add("StringToHashBucket", ShapeFunctions.Unchanged, static builder => Make(builder, StringHash.Murmur));
        registry.Add("StringToHashBucketStrong", ShapeFunctions.Unchanged, static builder =>
        {
            long[] key = builder.Attributes.Ints("key");
            if (key.Length != 2)
            {
                throw StatusException.InvalidArgument("Key must have 2 elements");
            }

            return Make(builder, text => StringHash.Sip(text, unchecked((ulong)key[0]), unchecked((ulong)key[1])));
        });
    }

    private delegate ulong Hash(ReadOnlySpan<byte> text);

    private static LambdaKernel Make(KernelBuilder builder, Hash hash)
    {
        long buckets = builder.Attributes.Int("num_buckets");
        if (buckets < 1)
        {
            throw StatusException.InvalidArgument($"Value for attr 'num_buckets' of {buckets} must be at least minimum 1");
        }

        return new LambdaKernel(context =>
        {
            Tensor input = context.Input(0);
            Span<long> output = context.Allocate(0, input.Shape).Span<long>();
            for (int i = 0; i < output.Length; i++)
            {
                output[i] = (long)(hash(input.String(i)) % (ulong)buckets);
            }
        });
    }
}
