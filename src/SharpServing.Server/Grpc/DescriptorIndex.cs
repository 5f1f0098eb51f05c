using Google.Protobuf.Reflection;

namespace SharpServing.Server.Grpc;

/// <summary>Files of descriptors with all that they import, by name and by the names of what they define. Immutable.</summary>
internal sealed class DescriptorIndex
{
    private readonly Dictionary<string, FileDescriptor> _files = [];
    private readonly Dictionary<string, FileDescriptor> _symbols = [];
    private readonly HashSet<string> _messages = [];

    public DescriptorIndex(params IEnumerable<FileDescriptor> files)
    {
        foreach (FileDescriptor file in files)
        {
            Add(file);
        }
    }

    public FileDescriptor? FindFile(string name) => _files.GetValueOrDefault(name);

    /// <param name="symbol">Full name of a message, field, oneof, enum, enum's value, extension, service or method.</param>
    public FileDescriptor? FindSymbol(string symbol) => _symbols.GetValueOrDefault(symbol);

    public bool HasMessage(string name) => _messages.Contains(name);

    /// <summary>The file, then all that it imports, each once.</summary>
    public static List<FileDescriptor> WithImports(FileDescriptor file)
    {
        var files = new List<FileDescriptor>();
        void Visit(FileDescriptor one)
        {
            if (!files.Contains(one))
            {
                files.Add(one);
                foreach (FileDescriptor import in one.Dependencies)
                {
                    Visit(import);
                }
            }
        }

        Visit(file);
        return files;
    }

    private void Add(FileDescriptor file)
    {
        if (!_files.TryAdd(file.Name, file))
        {
            return;
        }

        foreach (FileDescriptor import in file.Dependencies)
        {
            Add(import);
        }

        foreach (MessageDescriptor message in file.MessageTypes)
        {
            Add(message, file);
        }

        foreach (EnumDescriptor type in file.EnumTypes)
        {
            Add(type, file);
        }

        foreach (ServiceDescriptor service in file.Services)
        {
            _symbols[service.FullName] = file;
            foreach (MethodDescriptor method in service.Methods)
            {
                _symbols[method.FullName] = file;
            }
        }

        foreach (FieldDescriptor extension in file.Extensions.UnorderedExtensions)
        {
            _symbols[extension.FullName] = file;
        }
    }

    private void Add(MessageDescriptor message, FileDescriptor file)
    {
        _messages.Add(message.FullName);
        _symbols[message.FullName] = file;
        foreach (FieldDescriptor field in message.Fields.InDeclarationOrder())
        {
            _symbols[field.FullName] = file;
        }

        foreach (OneofDescriptor oneof in message.Oneofs)
        {
            _symbols[oneof.FullName] = file;
        }

        foreach (MessageDescriptor nested in message.NestedTypes)
        {
            Add(nested, file);
        }

        foreach (EnumDescriptor type in message.EnumTypes)
        {
            Add(type, file);
        }
    }

    private void Add(EnumDescriptor type, FileDescriptor file)
    {
        _symbols[type.FullName] = file;

        // As in C++, values are named beside their enum, not below it.
        string scope = type.FullName[..^type.Name.Length];
        foreach (EnumValueDescriptor value in type.Values)
        {
            _symbols[scope + value.Name] = file;
        }
    }
}
