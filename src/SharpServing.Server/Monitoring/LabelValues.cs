namespace SharpServing.Server.Monitoring;

/// <summary>Values of up to three labels; those that a metric does not have are empty.</summary>
internal readonly record struct LabelValues(string First = "", string Second = "", string Third = "")
{
    public string this[int index] => index switch
    {
        0 => First,
        1 => Second,
        _ => Third,
    };

    /// <summary>Label by label, by bytes: the order on the page.</summary>
    public static int Compare(in LabelValues left, in LabelValues right)
    {
        int result = string.CompareOrdinal(left.First, right.First);
        if (result == 0)
        {
            result = string.CompareOrdinal(left.Second, right.Second);
        }

        return result != 0 ? result : string.CompareOrdinal(left.Third, right.Third);
    }
}
