using SharpServing.Runtime.Execution;
using SharpServing.Runtime.Registry;
using SharpServing.Tensors;

namespace SharpServing.Ops.Strings;

/// <summary>Splitting of strings into the values of a sparse matrix [rows, most pieces].</summary>
internal static class StringSplitOps
{
    public static void Register(OpRegistry registry)
    {
        registry.Add("StringSplit", StringShapes.Split, static builder =>
        {
            bool skipEmpty = builder.Attributes.Bool("skip_empty");
            return new LambdaKernel(context =>
            {
                Tensor delimiter = context.Input(1);
                Check(context.Input(0), delimiter, "delimiter");
                Run(context, (text, pieces) => SplitAnyOf(text, delimiter.String(0), skipEmpty, pieces));
            });
        });
        registry.Add("StringSplitV2", StringShapes.Split, static builder =>
        {
            long limit = builder.Attributes.Int("maxsplit");
            return new LambdaKernel(context =>
            {
                Tensor separator = context.Input(1);
                Check(context.Input(0), separator, "sep");
                Run(context, (text, pieces) => Split(text, separator.String(0), limit, pieces));
            });
        });
    }

    private delegate void Splitter(ReadOnlySpan<byte> text, List<Range> pieces);

    private static void Check(Tensor input, Tensor separator, string name)
    {
        if (input.Rank != 1)
        {
            throw StatusException.InvalidArgument($"input must be a vector, got shape: {input.Shape}");
        }

        if (separator.Rank != 0)
        {
            throw StatusException.InvalidArgument($"{name} must be a scalar, got shape: {separator.Shape}");
        }
    }

    private static void Run(OpContext context, Splitter split)
    {
        Tensor input = context.Input(0);
        var all = new List<(int Row, Range Piece)>();
        var pieces = new List<Range>();
        int most = 0;
        for (int row = 0; row < input.ElementCount; row++)
        {
            pieces.Clear();
            split(input.String(row), pieces);
            most = System.Math.Max(most, pieces.Count);
            foreach (Range piece in pieces)
            {
                all.Add((row, piece));
            }
        }

        Span<long> indices = context.Allocate(0, new Shape(all.Count, 2)).Span<long>();
        var values = new StringTensorBuilder(new Shape(all.Count));
        int column = 0;
        for (int i = 0; i < all.Count; i++)
        {
            column = i > 0 && all[i].Row == all[i - 1].Row ? column + 1 : 0;
            indices[2 * i] = all[i].Row;
            indices[(2 * i) + 1] = column;
            values.Append(input.String(all[i].Row)[all[i].Piece]);
        }

        context.SetOutput(1, values.Finish());
        context.SetOutput(2, Tensor.FromArray<long>([input.ElementCount, most], new Shape(2)));
    }

    /// <summary>Splits at each of the delimiter's bytes; an empty delimiter gives single bytes.</summary>
    private static void SplitAnyOf(ReadOnlySpan<byte> text, ReadOnlySpan<byte> delimiters, bool skipEmpty, List<Range> pieces)
    {
        if (delimiters.IsEmpty)
        {
            for (int i = 0; i < text.Length; i++)
            {
                pieces.Add(i..(i + 1));
            }

            return;
        }

        int start = 0;
        for (int i = 0; i <= text.Length && !text.IsEmpty; i++)
        {
            if (i == text.Length || delimiters.Contains(text[i]))
            {
                if (i > start || !skipEmpty)
                {
                    pieces.Add(start..i);
                }

                start = i + 1;
            }
        }
    }

    /// <summary>As Python's <c>str.split</c>, ASCII white space for an empty separator.</summary>
    private static void Split(ReadOnlySpan<byte> text, ReadOnlySpan<byte> separator, long limit, List<Range> pieces)
    {
        int at = 0;
        if (limit == 0)
        {
            pieces.Add(..text.Length);
            return;
        }

        if (!separator.IsEmpty)
        {
            while (text[at..].IndexOf(separator) is >= 0 and int length && (limit < 0 || pieces.Count < limit))
            {
                pieces.Add(at..(at + length));
                at += length + separator.Length;
            }

            pieces.Add(at..text.Length);
            return;
        }

        at = SkipSpace(text, 0);
        while (at < text.Length)
        {
            int end = at;
            while (end < text.Length && !IsSpace(text[end]))
            {
                end++;
            }

            pieces.Add(at..end);
            at = SkipSpace(text, end);
            if (limit > 0 && pieces.Count == limit)
            {
                pieces.Add(at..text.Length);
                return;
            }
        }
    }

    /// <summary>C's <c>isspace</c> in the C locale.</summary>
    public static bool IsSpace(byte value) => value is (byte)' ' or (>= 9 and <= 13);

    private static int SkipSpace(ReadOnlySpan<byte> text, int at)
    {
        while (at < text.Length && IsSpace(text[at]))
        {
            at++;
        }

        return at;
    }
}
