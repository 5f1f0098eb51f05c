namespace SharpServing.Protos.Text;

/// <content>Values of names that a message has reserved: their type is unknown, they are read over.</content>
internal sealed partial class TextFormatParser
{
    private bool SkipReserved() => (TryTake(":") && !IsAt("{") && !IsAt("<") ? SkipValue() : SkipBraces()) && TakeOptionalSeparator();

    private bool SkipField()
    {
        bool named = TryTake("[")
            ? ReadFullName(out _) && (!TryTake("/") || ReadFullName(out _)) && Take("]")
            : ReadIdentifier(out _);
        return named && SkipReserved();
    }

    private bool SkipBraces()
    {
        if (!EnterBraces(out string end))
        {
            return false;
        }

        while (!IsAt(">") && !IsAt("}"))
        {
            if (!SkipField())
            {
                return false;
            }
        }

        _depthLeft++;
        return Take(end);
    }

    private bool SkipValue()
    {
        if (_tokens.Type == TextFormatTokenType.String)
        {
            while (_tokens.Type == TextFormatTokenType.String)
            {
                _tokens.Next();
            }

            return true;
        }

        if (TryTake("["))
        {
            return SkipList();
        }

        bool negative = TryTake("-");
        if (_tokens.Type is not (TextFormatTokenType.Integer or TextFormatTokenType.Float or TextFormatTokenType.Identifier))
        {
            return Fail($"Cannot skip field value, unexpected token: {TokenText}");
        }

        if (negative && _tokens.Type == TextFormatTokenType.Identifier && NamedDouble(TokenText) is null)
        {
            return Fail($"Invalid float number: {TokenText}");
        }

        _tokens.Next();
        return true;
    }

    private bool SkipList()
    {
        if (--_depthLeft < 0)
        {
            return Fail($"Message is too deep, the parser exceeded the configured recursion limit of {TextFormat.RecursionLimit}.");
        }

        while (!TryTake("]"))
        {
            if (!(IsAt("{") || IsAt("<") ? SkipBraces() : SkipValue()) || (!IsAt("]") && !Take(",")))
            {
                return false;
            }
        }

        _depthLeft++;
        return true;
    }
}
