namespace SharpServing.Ops.Images.Jpeg;

/// <summary>Runs scans: step by step (MCU by MCU), restart by restart, from bits to coefficients or straight to samples.</summary>
internal sealed class ScanRunner(JpegMarkers file, JpegOptions options)
{
    /// <summary>The scan that the markers told of.</summary>
    /// <param name="source">Behind the scan's header.</param>
    /// <param name="rows">Rows of steps that are done, also when the file ends within.</param>
    /// <exception cref="JpegEndException">The file ends early and that is not to be forgiven.</exception>
    public void Decode(ref JpegSource source, out int rows)
    {
        bool single = file.Scan.Length == 1;
        int across = single ? file.Scan[0].BlocksAcross : JpegDecoder.DivideUp(file.Width, file.MaxHorizontal * 8L);
        int down = single ? file.Scan[0].BlocksDown : JpegDecoder.DivideUp(file.Height, file.MaxVertical * 8L);
        int mcuRowHeight = single ? file.Scan[0].VerticalFactor : 1;
        var decoder = new ScanDecoder(file.Progression.First, file.Progression.Last, file.Progression.High, file.Progression.Low);
        var multipliers = new int[file.Scan.Length][];
        for (int c = 0; c < multipliers.Length; c++)
        {
            multipliers[c] = Multipliers(file.Scan[c]);
        }

        short[] block = new short[64];
        source.DropBits();
        source.IsExhausted = false;
        int untilRestart = file.RestartInterval;
        int nextRestart = 0;
        foreach (JpegComponent component in file.Scan)
        {
            component.LastDc = 0;
        }

        rows = 0;
        for (int y = 0; y < down; y++)
        {
            for (int x = 0; x < across; x++)
            {
                if (file.RestartInterval > 0 && untilRestart == 0)
                {
                    TakeRestart(ref source, nextRestart);
                    nextRestart = (nextRestart + 1) & 7;
                    untilRestart = file.RestartInterval;
                    decoder.Restart();
                    foreach (JpegComponent component in file.Scan)
                    {
                        component.LastDc = 0;
                    }
                }

                if (!source.IsExhausted)
                {
                    source.BeginUnit();
                    for (int c = 0; c < file.Scan.Length; c++)
                    {
                        DecodeMcu(ref source, decoder, file.Scan[c], multipliers[c], x, y, single, block);
                    }

                    source.EndUnit();
                }

                untilRestart--;
            }

            rows = (y + 1) / mcuRowHeight;
        }
    }

    public void TransformAll(JpegComponent component)
    {
        if (component.Quantization is null)
        {
            return;
        }

        int[] multipliers = Multipliers(component);
        for (int row = 0; row < component.BlocksDown; row++)
        {
            for (int column = 0; column < component.BlocksAcross; column++)
            {
                int at = ((row * component.PaddedAcross) + column) * 64;
                Transform(component, multipliers, column, row, component.Coefficients.AsSpan(at, 64));
            }
        }

        component.Coefficients = null;
    }

    private void DecodeMcu(ref JpegSource source, ScanDecoder decoder, JpegComponent component, int[] multipliers, int x, int y, bool single, short[] block)
    {
        int across = single ? 1 : component.HorizontalFactor;
        int down = single ? 1 : component.VerticalFactor;
        for (int v = 0; v < down; v++)
        {
            for (int h = 0; h < across; h++)
            {
                int column = (x * across) + h;
                int row = (y * down) + v;
                if (component.Coefficients is { } coefficients)
                {
                    int at = ((row * component.PaddedAcross) + column) * 64;
                    decoder.DecodeProgressive(ref source, component, coefficients.AsSpan(at, 64));
                }
                else
                {
                    System.Array.Clear(block);
                    ScanDecoder.DecodeSequential(ref source, component, block);
                    Transform(component, multipliers, column, row, block);
                }
            }
        }
    }

    private void Transform(JpegComponent component, int[] multipliers, int column, int row, ReadOnlySpan<short> block)
    {
        int pitch = component.Pitch;
        Span<byte> output = component.Samples.AsSpan((row * component.BlockSize * pitch) + (column * component.BlockSize));
        switch (component.BlockSize)
        {
            case 8 when options.AccurateDct:
                InverseDct.Accurate(block, multipliers, output, pitch);
                break;
            case 8:
                InverseDct.Fast(block, multipliers, output, pitch);
                break;
            case 4:
                InverseDct.Half(block, multipliers, output, pitch);
                break;
            case 2:
                InverseDct.Quarter(block, multipliers, output, pitch);
                break;
            default:
                output[0] = InverseDct.Eighth(block, multipliers);
                break;
        }
    }

    private int[] Multipliers(JpegComponent component) =>
        InverseDct.Multipliers(component.Quantization, component.BlockSize == 8 && !options.AccurateDct);

    /// <summary>Takes the expected restart marker, or finds out what a wrong one means (libjpeg's <c>jpeg_resync_to_restart</c>).</summary>
    private static void TakeRestart(ref JpegSource source, int expected)
    {
        source.DropBits();
        if (source.Marker == 0)
        {
            source.FindMarker();
        }

        while (true)
        {
            byte marker = source.Marker;
            int ahead = (marker - 0xD0 - expected) & 7;
            bool isRestart = marker is >= 0xD0 and <= 0xD7;
            if (marker >= 0xC0 && (!isRestart || ahead is 1 or 2))
            {
                // Another marker, or one of the next two: it stays, the blocks up to there are missing.
                return;
            }

            if (isRestart && ahead is not (6 or 7))
            {
                source.Marker = 0;
                source.IsExhausted = false;
                return;
            }

            source.Marker = 0;
            source.FindMarker();
        }
    }
}
