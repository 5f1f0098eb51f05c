namespace SharpServing.Ops.Images;

/// <summary>Checks of box coordinates.</summary>
internal static class BoxValues
{
    public static bool ContainsNonFinite(this Span<float> values)
    {
        foreach (float value in values)
        {
            if (!float.IsFinite(value))
            {
                return true;
            }
        }

        return false;
    }
}
