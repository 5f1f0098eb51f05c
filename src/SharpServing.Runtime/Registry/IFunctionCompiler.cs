using SharpServing.Runtime.Planning;
using SharpServing.Tensors;
using Tensorflow;

namespace SharpServing.Runtime.Registry;

/// <summary>Makes plans of functions for branches, loops and calls that are not inlined.</summary>
internal interface IFunctionCompiler
{
    /// <summary>Dtypes of a function's arguments and results.</summary>
    /// <exception cref="StatusException">INVALID_ARGUMENT: no function has that name.</exception>
    (DType[] Arguments, DType[] Results) TypesOf(NameAttrList function);

    CompiledFunction Compile(NameAttrList function, IReadOnlyList<Tensor?> constants);

    /// <summary>Compiles a graph that a pass has cut out of the one being compiled.</summary>
    CompiledFunction Compile(Graphs.Graph graph, string name, IReadOnlyList<Tensor?> constants);

    /// <summary>For a loop's body: which of its variables it gives out as they came in.</summary>
    bool[] FindInvariants(NameAttrList body);
}
