using SharpServing.Runtime.Planning;
using SharpServing.Tensors;
using Tensorflow;

namespace SharpServing.Runtime.Registry;

/// <summary>Makes plans of functions for branches, loops and calls that are not inlined.</summary>
internal interface IFunctionCompiler
{
    CompiledFunction Compile(NameAttrList function, IReadOnlyList<Tensor?> constants);

    /// <summary>Compiles a graph that a pass has cut out of the one being compiled.</summary>
    CompiledFunction Compile(Graphs.Graph graph, string name, IReadOnlyList<Tensor?> constants);

    /// <summary>For a loop's body: which of its variables it gives out as they came in.</summary>
    bool[] FindInvariants(NameAttrList body);
}
