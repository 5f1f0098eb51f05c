using System.Text;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;

namespace SharpServing.Protos.Text;

/// <summary>
/// Recursive descent over the tokens; one method a rule of the grammar, false after a fault has been reported. A fault of the
/// tokenizer is reported and the parse goes on, but fails in the end.
/// </summary>
internal sealed partial class TextFormatParser
{
    private readonly List<TextFormatDiagnostic> _diagnostics = [];
    private readonly Dictionary<FieldDescriptor, bool> _deprecated = [];
    private readonly MessageDescriptor _root;
    private readonly TextFormatTokenizer _tokens;
    private bool _hadErrors;
    private int _depthLeft = TextFormat.RecursionLimit;

    public TextFormatParser(ReadOnlyMemory<byte> text, MessageDescriptor root)
    {
        _root = root;
        _tokens = new TextFormatTokenizer(text, (line, column, fault) => Report(line, column, fault));
    }

    public IReadOnlyList<TextFormatDiagnostic> Diagnostics => _diagnostics;

    public bool ReachedEnd => _tokens.ReachedEnd;

    public bool Parse(IMessage message)
    {
        _tokens.Next();
        var target = new TextFormatMessageTarget(message);
        while (_tokens.Type != TextFormatTokenType.End)
        {
            if (!ReadField(target))
            {
                return false;
            }
        }

        return !_hadErrors;
    }

    private bool ReadField(ITextFormatTarget target)
    {
        MessageDescriptor descriptor = target.Descriptor;
        if (TryTake("["))
        {
            return descriptor.FullName == Any.Descriptor.FullName ? ReadExpandedAny(target) : RefuseExtension(descriptor);
        }

        if (!ReadIdentifier(out string name))
        {
            return false;
        }

        if (FieldOf(descriptor, name) is not { } field)
        {
            return IsReserved(descriptor, name)
                ? SkipReserved()
                : Fail($"Message type \"{descriptor.FullName}\" has no field named \"{name}\".");
        }

        if (IsDeprecated(field))
        {
            Warn($"text format contains deprecated field \"{name}\"");
        }

        if (!field.IsRepeated && !CheckOnce(target, field, name))
        {
            return false;
        }

        bool isMessage = field.FieldType is FieldType.Message or FieldType.Group;
        if (isMessage ? !TakeOptionalColon() : !Take(":"))
        {
            return false;
        }

        bool read = field.IsRepeated && TryTake("[") ? ReadList(target, field, isMessage) : ReadOne(target, field, isMessage);
        return read && TakeOptionalSeparator();
    }

    /// <summary>A group is written with the name of its type, any other field with its own.</summary>
    private static FieldDescriptor? FieldOf(MessageDescriptor descriptor, string name)
    {
        FieldDescriptor? field = descriptor.FindFieldByName(name);
        if (field is null && descriptor.FindFieldByName(name.ToLowerInvariant()) is { FieldType: FieldType.Group } group)
        {
            field = group;
        }

        return field is { FieldType: FieldType.Group } && field.MessageType.Name != name ? null : field;
    }

    private static bool IsReserved(MessageDescriptor descriptor, string name) => descriptor.ToProto().ReservedName.Contains(name);

    /// <summary>A field or another member of its oneof may be given only once.</summary>
    private bool CheckOnce(ITextFormatTarget target, FieldDescriptor field, string name)
    {
        if (target.Has(field))
        {
            return Fail($"Non-repeated field \"{name}\" is specified multiple times.");
        }

        return field.ContainingOneof is not { } oneof || target.CaseOf(oneof) is not { } other
            || Fail($"Field \"{name}\" is specified along with field \"{other.Name}\", another member of oneof \"{oneof.Name}\".");
    }

    private bool ReadList(ITextFormatTarget target, FieldDescriptor field, bool isMessage)
    {
        if (TryTake("]"))
        {
            return true;
        }

        while (ReadOne(target, field, isMessage))
        {
            if (TryTake("]"))
            {
                return true;
            }

            if (!Take(","))
            {
                return false;
            }
        }

        return false;
    }

    private bool ReadOne(ITextFormatTarget target, FieldDescriptor field, bool isMessage)
    {
        object? value = isMessage ? ReadMessageValue(field) : ReadScalar(field);
        if (value is null)
        {
            return false;
        }

        target.Put(field, value);
        return true;
    }

    private object? ReadMessageValue(FieldDescriptor field)
    {
        if (field.IsMap)
        {
            var entry = new TextFormatMapEntryTarget(field.MessageType);
            return ReadBraces(entry) ? entry : null;
        }

        IMessage message = field.MessageType.Parser.ParseFrom(ByteString.Empty);
        return ReadBraces(new TextFormatMessageTarget(message)) ? message : null;
    }

    /// <summary><c>{ … }</c> or <c>&lt; … &gt;</c>.</summary>
    private bool ReadBraces(ITextFormatTarget target)
    {
        if (!EnterBraces(out string end))
        {
            return false;
        }

        while (!IsAt(">") && !IsAt("}"))
        {
            if (!ReadField(target))
            {
                return false;
            }
        }

        _depthLeft++;
        return Take(end);
    }

    private bool EnterBraces(out string end)
    {
        end = ">";
        if (--_depthLeft < 0)
        {
            return Fail($"Message is too deep, the parser exceeded the configured recursion limit of {TextFormat.RecursionLimit}.");
        }

        if (TryTake("<"))
        {
            return true;
        }

        end = "}";
        return Take("{");
    }

    /// <summary><c>type.googleapis.com/full.Name] { … }</c>, from behind the bracket on.</summary>
    private bool ReadExpandedAny(ITextFormatTarget target)
    {
        if (!ReadFullName(out string prefix) || !Take("/") || !ReadFullName(out string typeName) || !Take("]") || !TakeOptionalColon())
        {
            return false;
        }

        if (TextFormatTypes.Find(prefix, typeName) is not { } type)
        {
            return Fail($"Could not find type \"{prefix}/{typeName}\" stored in google.protobuf.Any.");
        }

        IMessage value = type.Parser.ParseFrom(ByteString.Empty);
        if (!ReadBraces(new TextFormatMessageTarget(value)))
        {
            return false;
        }

        FieldDescriptor urlField = target.Descriptor.FindFieldByNumber(Any.TypeUrlFieldNumber);
        FieldDescriptor valueField = target.Descriptor.FindFieldByNumber(Any.ValueFieldNumber);
        if (target.Has(urlField) || target.Has(valueField))
        {
            return Fail("Non-repeated Any specified multiple times.");
        }

        target.Put(urlField, $"{prefix}/{typeName}");
        target.Put(valueField, value.ToByteString());
        return TakeOptionalSeparator();
    }

    private bool RefuseExtension(MessageDescriptor descriptor) =>
        ReadFullName(out string name) && Take("]")
        && Fail($"Extension \"{name}\" is not defined or is not an extension of \"{descriptor.FullName}\".");

    private bool ReadFullName(out string name)
    {
        if (!ReadIdentifier(out name))
        {
            return false;
        }

        var text = new StringBuilder(name);
        while (TryTake("."))
        {
            if (!ReadIdentifier(out string part))
            {
                return false;
            }

            text.Append('.').Append(part);
        }

        name = text.ToString();
        return true;
    }

    private bool ReadIdentifier(out string name)
    {
        name = "";
        if (_tokens.Type != TextFormatTokenType.Identifier)
        {
            return Fail($"Expected identifier, got: {TokenText}");
        }

        name = TokenText;
        _tokens.Next();
        return true;
    }

    private string TokenText => StatusText.FromBytes(_tokens.Text);

    private bool IsAt(string text) => IsText(_tokens.Text, text);

    private bool TryTake(string text)
    {
        bool found = IsAt(text);
        if (found)
        {
            _tokens.Next();
        }

        return found;
    }

    private bool Take(string text) => TryTake(text) || Fail($"Expected \"{text}\", found \"{TokenText}\".");

    private bool TakeOptionalColon()
    {
        _ = TryTake(":");
        return true;
    }

    private bool TakeOptionalSeparator()
    {
        _ = TryTake(";") || TryTake(",");
        return true;
    }

    private static bool IsText(ReadOnlySpan<byte> token, string text)
    {
        if (token.Length != text.Length)
        {
            return false;
        }

        for (int i = 0; i < text.Length; i++)
        {
            if (token[i] != text[i])
            {
                return false;
            }
        }

        return true;
    }

    private bool IsDeprecated(FieldDescriptor field)
    {
        if (!_deprecated.TryGetValue(field, out bool deprecated))
        {
            deprecated = field.GetOptions()?.Deprecated ?? false;
            _deprecated.Add(field, deprecated);
        }

        return deprecated;
    }

    /// <summary>Reports a fault at the current token.</summary>
    private bool Fail(string text) => Report(_tokens.Line, _tokens.Column, text);

    private bool Report(int line, int column, string text)
    {
        _hadErrors = true;
        _diagnostics.Add(new TextFormatDiagnostic(IsWarning: false, _root.FullName, line + 1, column + 1, text));
        return false;
    }

    private void Warn(string text) =>
        _diagnostics.Add(new TextFormatDiagnostic(IsWarning: true, _root.FullName, _tokens.Line + 1, _tokens.Column + 1, text));
}
