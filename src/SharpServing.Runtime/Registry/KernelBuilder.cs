using System.Diagnostics.CodeAnalysis;
using SharpServing.Runtime.Attributes;
using SharpServing.Runtime.Graphs;
using SharpServing.Runtime.Planning;
using SharpServing.Runtime.Resources;
using SharpServing.Tensors;
using Tensorflow;

namespace SharpServing.Runtime.Registry;

/// <summary>What a kernel factory sees of its node.</summary>
public sealed class KernelBuilder
{
    private readonly IFunctionCompiler _functions;
    private List<int>? _dropped;

    internal KernelBuilder(Node node, SessionState session, IFunctionCompiler functions)
    {
        Node = node;
        Session = session;
        _functions = functions;
    }

    public Node Node { get; }

    public AttributeMap Attributes => Node.Attributes;

    /// <summary>Variables, tables and other state of the session.</summary>
    public SessionState Session { get; }

    public int InputCount => Node.Inputs.Count;

    public int OutputCount => Node.OutputTypes.Length;

    internal IReadOnlyList<int> DroppedInputs => _dropped ?? [];

    public DType InputType(int index) => Node.Inputs[index].Type;

    public DType OutputType(int index) => Node.OutputTypes[index];

    /// <summary>Value of an input that is the same in every run, or <see langword="null"/>. Borrowed: take a reference to keep it.</summary>
    public Tensor? ConstantInput(int index) => Node.Inputs[index].Node.ConstantOutput(Node.Inputs[index].Index);

    /// <summary>
    /// The kernel keeps its own form of a constant input (packed weights, say): the plan need not hold the original for it.
    /// <see cref="Execution.OpContext.Input"/> of that index is then not to be called.
    /// </summary>
    public void DropInput(int index) => (_dropped ??= []).Add(index);

    /// <summary>Dtypes of a function's arguments and results.</summary>
    public (DType[] Arguments, DType[] Results) TypesOf(NameAttrList function) => _functions.TypesOf(function);

    /// <summary>Compiles a function of the graph's library for calls from this node.</summary>
    /// <param name="constants">Values of arguments that never change, or null entries; may be shorter than the arguments.</param>
    public CompiledFunction Compile(NameAttrList function, IReadOnlyList<Tensor?>? constants = null) =>
        _functions.Compile(function, constants ?? []);

    /// <summary>Compiles a graph that a pass has cut out of the one being compiled.</summary>
    public CompiledFunction Compile(Graph graph, IReadOnlyList<Tensor?> constants) => _functions.Compile(graph, Node.Name, constants);

    /// <summary>For a loop's body: which of its variables it gives out as they came in.</summary>
    public bool[] FindInvariants(NameAttrList body) => _functions.FindInvariants(body);

#pragma warning disable CA1822 // Said of this node: the builder stands for it.
    [DoesNotReturn]
    public void Unsupported(string what) => throw new UnsupportedOpException(what);

    [DoesNotReturn]
    public OpKernel UnsupportedType(DType type) => throw new UnsupportedOpException($"dtype {type.ToName()}");
#pragma warning restore CA1822
}
