namespace SharpServing.Ops.Strings.Re2;

/// <summary>
/// A regular expression with RE2's syntax, answers and bounds: texts are bytes, the first of the leftmost matches wins, the time is
/// linear in the text and the memory bounded by the pattern. Immutable; a <see cref="Re2Matcher"/> does the work.
/// </summary>
internal sealed class Re2Regex
{
    private Re2Regex(CompiledProgram program, int groups)
    {
        Program = program;
        GroupCount = groups;
    }

    public CompiledProgram Program { get; }

    /// <summary>Number of capturing groups.</summary>
    public int GroupCount { get; }

    /// <exception cref="StatusException">INVALID_ARGUMENT: RE2 does not take the pattern; with the text of TensorFlow's ops.</exception>
    public static Re2Regex Compile(byte[] pattern)
    {
        try
        {
            (CompiledProgram program, int groups) = PatternParser.Parse(pattern);
            return new Re2Regex(program, groups);
        }
        catch (Re2SyntaxException fault)
        {
            throw StatusException.InvalidArgument($"Invalid pattern: {StatusText.FromBytes(pattern)}, error: {fault.Message}");
        }
    }
}
