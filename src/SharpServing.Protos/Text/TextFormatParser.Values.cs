using System.Buffers;
using System.Text;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace SharpServing.Protos.Text;

/// <content>Values that are not messages.</content>
internal sealed partial class TextFormatParser
{
    /// <returns><see langword="null"/> after a fault.</returns>
    private object? ReadScalar(FieldDescriptor field) => field.FieldType switch
    {
        FieldType.Int32 or FieldType.SInt32 or FieldType.SFixed32 => ReadSigned(int.MaxValue) is long value ? (int)value : null,
        FieldType.Int64 or FieldType.SInt64 or FieldType.SFixed64 => ReadSigned(long.MaxValue),
        FieldType.UInt32 or FieldType.Fixed32 => ReadUnsigned(uint.MaxValue) is ulong value ? (uint)value : null,
        FieldType.UInt64 or FieldType.Fixed64 => ReadUnsigned(ulong.MaxValue),
        FieldType.Float => ReadDouble() is double value ? (float)value : null,
        FieldType.Double => ReadDouble(),
        FieldType.Bool => ReadBool(field),
        FieldType.Enum => ReadEnum(field),
        FieldType.String => ReadString() is { } bytes ? Encoding.UTF8.GetString(bytes.WrittenSpan) : null,
        FieldType.Bytes => ReadString() is { } bytes ? ByteString.CopyFrom(bytes.WrittenSpan) : null,
        _ => throw new InvalidOperationException($"{field.FullName} is no scalar."),
    };

    private ulong? ReadUnsigned(ulong max)
    {
        if (_tokens.Type != TextFormatTokenType.Integer)
        {
            Fail($"Expected integer, got: {TokenText}");
            return null;
        }

        if (!TextFormatNumbers.TryParseInteger(_tokens.Text, max, out ulong value))
        {
            Fail($"Integer out of range ({TokenText})");
            return null;
        }

        _tokens.Next();
        return value;
    }

    private long? ReadSigned(ulong max)
    {
        bool negative = TryTake("-");
        return ReadUnsigned(negative ? max + 1 : max) is ulong value ? (negative ? unchecked(-(long)value) : (long)value) : null;
    }

    private double? ReadDouble()
    {
        bool negative = TryTake("-");
        double? value = _tokens.Type switch
        {
            TextFormatTokenType.Integer => ReadIntegerAsDouble(),
            TextFormatTokenType.Float => TextFormatNumbers.ParseFloat(_tokens.Text),
            TextFormatTokenType.Identifier => NamedDouble(TokenText),
            _ => null,
        };
        if (value is null)
        {
            if (_tokens.Type != TextFormatTokenType.Integer)
            {
                Fail($"Expected double, got: {(_tokens.Type == TextFormatTokenType.Identifier ? TokenText.ToLowerInvariant() : TokenText)}");
            }

            return null;
        }

        _tokens.Next();
        return negative ? -value : value;
    }

    private double? ReadIntegerAsDouble()
    {
        if (TextFormatNumbers.IsHex(_tokens.Text) || TextFormatNumbers.IsOctal(_tokens.Text))
        {
            Fail($"Expect a decimal number, got: {TokenText}");
            return null;
        }

        return TextFormatNumbers.TryParseInteger(_tokens.Text, ulong.MaxValue, out ulong value)
            ? value
            : TextFormatNumbers.ParseFloat(_tokens.Text);
    }

    private static double? NamedDouble(string name) => name.ToLowerInvariant() switch
    {
        "inf" or "infinity" => double.PositiveInfinity,
        "nan" => double.NaN,
        _ => null,
    };

    private object? ReadBool(FieldDescriptor field)
    {
        if (_tokens.Type == TextFormatTokenType.Integer)
        {
            return ReadUnsigned(1) is ulong number ? number == 1 : null;
        }

        if (!ReadIdentifier(out string name))
        {
            return null;
        }

        switch (name)
        {
            case "true" or "True" or "t":
                return true;
            case "false" or "False" or "f":
                return false;
            default:
                Fail($"Invalid value for boolean field \"{field.Name}\". Value: \"{name}\".");
                return null;
        }
    }

    /// <summary>By name or by number; a number without a name is kept, as open enums do.</summary>
    private object? ReadEnum(FieldDescriptor field)
    {
        if (_tokens.Type == TextFormatTokenType.Identifier)
        {
            _ = ReadIdentifier(out string name);
            if (field.EnumType.FindValueByName(name) is { } named)
            {
                return named.Number;
            }

            Fail($"Unknown enumeration value of \"{name}\" for field \"{field.Name}\".");
            return null;
        }

        if (_tokens.Type == TextFormatTokenType.Integer || IsAt("-"))
        {
            return ReadSigned(int.MaxValue) is long number ? (int)number : null;
        }

        Fail($"Expected integer or identifier, got: {TokenText}");
        return null;
    }

    /// <summary>One or more string tokens, put together.</summary>
    private ArrayBufferWriter<byte>? ReadString()
    {
        if (_tokens.Type != TextFormatTokenType.String)
        {
            Fail($"Expected string, got: {TokenText}");
            return null;
        }

        var bytes = new ArrayBufferWriter<byte>(Math.Max(_tokens.Text.Length, 1));
        while (_tokens.Type == TextFormatTokenType.String)
        {
            TextFormatStrings.Append(_tokens.Text, bytes);
            _tokens.Next();
        }

        return bytes;
    }
}
