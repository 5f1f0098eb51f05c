namespace SharpServing.Ops.Images.Jpeg;

/// <summary>
/// Brings the components of a picture to one size: by repeating samples, or with triangle filters (3:1) for ratios of two, sample for
/// sample as libjpeg-turbo.
/// </summary>
internal sealed class Upsampler
{
    private readonly JpegComponent[] _components;
    private readonly (int H, int V, bool Fancy)[] _ratios;

    /// <exception cref="ImageDataException">A ratio of sampling factors is no whole number.</exception>
    public Upsampler(JpegComponent[] components, int maxH, int maxV, int minBlock, bool fancy)
    {
        _components = components;
        _ratios = new (int H, int V, bool Fancy)[components.Length];
        fancy &= minBlock > 1;
        for (int c = 0; c < components.Length; c++)
        {
            int h = components[c].HorizontalFactor * components[c].BlockSize / minBlock;
            int v = components[c].VerticalFactor * components[c].BlockSize / minBlock;
            if (h == 0 || v == 0 || maxH % h != 0 || maxV % v != 0)
            {
                throw new ImageDataException("fractional sampling");
            }

            (int ratioH, int ratioV) = (maxH / h, maxV / v);
            bool smooth = fancy && ((ratioH == 2 && ratioV is 1 or 2 && ratioH == 2 && components[c].Width > 2) || (ratioH == 1 && ratioV == 2));
            _ratios[c] = (ratioH, ratioV, smooth);
            NeedsContext |= smooth && ratioV == 2;
        }
    }

    /// <summary>A line may need samples of the next row of blocks.</summary>
    public bool NeedsContext { get; }

    /// <summary>Line <paramref name="y"/> of the picture, of one component.</summary>
    public void Fill(int index, int y, Span<byte> line)
    {
        JpegComponent component = _components[index];
        (int h, int v, bool fancy) = _ratios[index];
        int row = y / v;
        ReadOnlySpan<byte> near = Row(component, row);
        if (!fancy)
        {
            Repeat(near[..System.Math.Min(component.Pitch, line.Length / h)], h, line);
            return;
        }

        if (v == 1)
        {
            SmoothAcross(near[..component.Width], line);
            return;
        }

        bool above = (y & 1) == 0;
        ReadOnlySpan<byte> far = Row(component, System.Math.Clamp(above ? row - 1 : row + 1, 0, component.Height - 1));
        if (h == 1)
        {
            int bias = above ? 1 : 2;
            for (int x = 0; x < component.Width; x++)
            {
                line[x] = (byte)(((near[x] * 3) + far[x] + bias) >> 2);
            }

            return;
        }

        SmoothBoth(near, far, component.Width, line);
    }

    private static ReadOnlySpan<byte> Row(JpegComponent component, int row) => component.Samples.AsSpan(row * component.Pitch, component.Pitch);

    private static void Repeat(ReadOnlySpan<byte> row, int times, Span<byte> line)
    {
        if (times == 1)
        {
            row.CopyTo(line);
            return;
        }

        for (int x = 0; x < row.Length; x++)
        {
            line.Slice(x * times, times).Fill(row[x]);
        }
    }

    private static void SmoothAcross(ReadOnlySpan<byte> row, Span<byte> line)
    {
        int last = row.Length - 1;
        line[0] = row[0];
        line[1] = (byte)(((row[0] * 3) + row[1] + 2) >> 2);
        for (int x = 1; x < last; x++)
        {
            line[2 * x] = (byte)(((row[x] * 3) + row[x - 1] + 1) >> 2);
            line[(2 * x) + 1] = (byte)(((row[x] * 3) + row[x + 1] + 2) >> 2);
        }

        line[2 * last] = (byte)(((row[last] * 3) + row[last - 1] + 1) >> 2);
        line[(2 * last) + 1] = row[last];
    }

    private static void SmoothBoth(ReadOnlySpan<byte> near, ReadOnlySpan<byte> far, int width, Span<byte> line)
    {
        int previous = 0;
        int current = (near[0] * 3) + far[0];
        for (int x = 0; x < width; x++)
        {
            int next = x + 1 < width ? (near[x + 1] * 3) + far[x + 1] : 0;
            line[2 * x] = (byte)(x == 0 ? ((current * 4) + 8) >> 4 : ((current * 3) + previous + 8) >> 4);
            line[(2 * x) + 1] = (byte)(x == width - 1 ? ((current * 4) + 7) >> 4 : ((current * 3) + next + 7) >> 4);
            previous = current;
            current = next;
        }
    }
}
