namespace SharpServing.Ops.Images.Jpeg;

/// <summary>Turns a line of components into gray or RGB, with the 16-bit fixed point of libjpeg (CCIR 601).</summary>
internal sealed class ColorConverter
{
    private const int Half = 1 << 15;
    private readonly JpegColors _colors;
    private readonly int _channels;
    private readonly bool _inverted;

    /// <param name="inverted">CMYK with an Adobe marker holds 255 minus the ink.</param>
    public ColorConverter(JpegColors colors, int channels, bool inverted)
    {
        _colors = colors;
        _channels = channels;
        _inverted = inverted;
    }

    public void Convert(byte[][] rows, Span<byte> line, int width)
    {
        if (_channels == 1 && _colors is JpegColors.Gray or JpegColors.Ycc && _channels == 1)
        {
            rows[0].AsSpan(0, width).CopyTo(line);
            return;
        }

        for (int x = 0, at = 0; x < width; x++, at += _channels)
        {
            switch (_colors)
            {
                case JpegColors.Gray:
                    line[at] = line[at + 1] = line[at + 2] = rows[0][x];
                    break;
                case JpegColors.Rgb when _channels == 1:
                    line[at] = (byte)(((rows[0][x] * 19595) + (rows[1][x] * 38470) + (rows[2][x] * 7471) + Half) >> 16);
                    break;
                case JpegColors.Rgb:
                    line[at] = rows[0][x];
                    line[at + 1] = rows[1][x];
                    line[at + 2] = rows[2][x];
                    break;
                case JpegColors.Ycc:
                    ToRgb(rows, x, line[at..], 0);
                    break;
                case JpegColors.Ycck:
                    ToRgb(rows, x, line[at..], 255);
                    Ink(line.Slice(at, 3), rows[3][x]);
                    break;
                default:
                    line[at] = rows[0][x];
                    line[at + 1] = rows[1][x];
                    line[at + 2] = rows[2][x];
                    Ink(line.Slice(at, 3), rows[3][x]);
                    break;
            }
        }
    }

    private static byte Limit(int value) => (byte)System.Math.Clamp(value, 0, 255);

    /// <param name="from">0, or 255 for the complement.</param>
    private static void ToRgb(byte[][] rows, int x, Span<byte> pixel, int from)
    {
        int y = rows[0][x];
        int cb = rows[1][x] - 128;
        int cr = rows[2][x] - 128;
        int red = y + (((91881 * cr) + Half) >> 16);
        int green = y + (((-22554 * cb) - (46802 * cr) + Half) >> 16);
        int blue = y + (((116130 * cb) + Half) >> 16);
        pixel[0] = Limit(from == 0 ? red : from - red);
        pixel[1] = Limit(from == 0 ? green : from - green);
        pixel[2] = Limit(from == 0 ? blue : from - blue);
    }

    private void Ink(Span<byte> pixel, int black)
    {
        foreach (ref byte color in pixel)
        {
            color = (byte)(_inverted ? color * black / 255 : (255 - color) * (255 - black) / 255);
        }
    }
}
