using System.Buffers;
using SharpServing.Ops.Strings.Re2;
using SharpServing.Runtime.Execution;
using SharpServing.Runtime.Registry;
using SharpServing.Runtime.Shapes;
using SharpServing.Tensors;

namespace SharpServing.Ops.Strings;

/// <summary>Regular expressions. Source: tensorflow/core/kernels/regex_full_match_op.cc, regex_replace_op.cc.</summary>
internal static class RegexOps
{
    public static void Register(OpRegistry registry)
    {
        registry.Add("StaticRegexFullMatch", ShapeFunctions.Unchanged, MakeStaticFullMatch);
        registry.Add("RegexFullMatch", ShapeFunctions.Unchanged, MakeFullMatch);
        registry.Add("StaticRegexReplace", ShapeFunctions.Unchanged, MakeStaticReplace);
        registry.Add("RegexReplace", ShapeFunctions.Unchanged, MakeReplace);
    }

    private static LambdaKernel MakeStaticFullMatch(KernelBuilder builder)
    {
        Re2Regex regex = Re2Regex.Compile(builder.Attributes.StringBytes("pattern"));
        return new LambdaKernel(context => FullMatch(context, regex));
    }

    private static LambdaKernel MakeFullMatch(KernelBuilder builder)
    {
        var last = new LastPattern();
        return new LambdaKernel(context =>
        {
            Tensor pattern = context.Input(1);
            RequireScalar(pattern, "Pattern");
            FullMatch(context, last.Get(pattern.String(0)));
        });
    }

    private static LambdaKernel MakeStaticReplace(KernelBuilder builder)
    {
        Re2Regex regex = Re2Regex.Compile(builder.Attributes.StringBytes("pattern"));
        var rewrite = new Rewrite(builder.Attributes.StringBytes("rewrite"));
        bool all = builder.Attributes.Bool("replace_global");
        return new LambdaKernel(context => Replace(context, regex, rewrite, all));
    }

    private static LambdaKernel MakeReplace(KernelBuilder builder)
    {
        bool all = builder.Attributes.Bool("replace_global");
        var last = new LastPattern();
        return new LambdaKernel(context =>
        {
            Tensor pattern = context.Input(1);
            Tensor rewrite = context.Input(2);
            RequireScalar(pattern, "Pattern");
            Re2Regex regex = last.Get(pattern.String(0));
            RequireScalar(rewrite, "Rewrite");
            Replace(context, regex, new Rewrite(rewrite.String(0).ToArray()), all);
        });
    }

    private static void RequireScalar(Tensor input, string what)
    {
        if (input.Rank != 0)
        {
            throw StatusException.InvalidArgument($"{what} must be scalar, but received {input.Shape}");
        }
    }

    private static void FullMatch(OpContext context, Re2Regex regex)
    {
        Tensor input = context.Input(0);
        Span<bool> matches = context.Allocate(0, input.Shape).Span<bool>();
        var matcher = new Re2Matcher(regex, 0, context.Run.Cancellation);
        for (int i = 0; i < matches.Length; i++)
        {
            matches[i] = matcher.IsFullMatch(input.String(i));
        }
    }

    private static void Replace(OpContext context, Re2Regex regex, Rewrite rewrite, bool all)
    {
        Tensor input = context.Input(0);
        var builder = new StringTensorBuilder(input.Shape);

        // A group that the pattern does not have leaves every text as it is.
        bool isIdentity = rewrite.GroupCount > regex.GroupCount + 1;
        var matcher = new Re2Matcher(regex, rewrite.GroupCount, context.Run.Cancellation);
        var output = new ArrayBufferWriter<byte>();
        for (long i = 0; i < input.ElementCount; i++)
        {
            output.ResetWrittenCount();
            ReadOnlySpan<byte> text = input.String(i);
            if (isIdentity)
            {
                output.Write(text);
            }
            else if (all)
            {
                rewrite.ReplaceAll(matcher, text, output);
            }
            else
            {
                rewrite.ReplaceFirst(matcher, text, output);
            }

            builder.Append(output.WrittenSpan);
        }

        context.SetOutput(0, builder.Finish());
    }

    /// <summary>The pattern of the last run: it is the same one almost always. Thread-safe.</summary>
    private sealed class LastPattern
    {
        private volatile Entry? _last;

        public Re2Regex Get(ReadOnlySpan<byte> pattern)
        {
            Entry? last = _last;
            if (last is null || !pattern.SequenceEqual(last.Pattern))
            {
                byte[] bytes = pattern.ToArray();
                _last = last = new Entry(bytes, Re2Regex.Compile(bytes));
            }

            return last.Regex;
        }

        private sealed record Entry(byte[] Pattern, Re2Regex Regex);
    }
}
