namespace SharpServing;

/// <summary>The codes as TensorFlow prints them (<c>INVALID_ARGUMENT</c>).</summary>
public static class StatusCodeNames
{
    private static readonly string[] Names =
    [
        "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED",
        "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE",
        "DATA_LOSS", "UNAUTHENTICATED",
    ];

    public static string ToName(this StatusCode code) => (uint)code < (uint)Names.Length ? Names[(int)code] : "UNKNOWN";

    public static bool TryParse(string name, out StatusCode code)
    {
        int index = Array.IndexOf(Names, name);
        code = (StatusCode)Math.Max(index, 0);
        return index >= 0;
    }
}
