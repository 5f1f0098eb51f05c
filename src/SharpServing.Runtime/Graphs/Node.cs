using SharpServing.Runtime.Attributes;
using SharpServing.Runtime.OpDefs;
using SharpServing.Tensors;

namespace SharpServing.Runtime.Graphs;

/// <summary>One op of a <see cref="Graph"/>. Passes change nodes in place; a finished plan holds none.</summary>
public sealed class Node
{
    private Tensor?[]? _constants;

    public Node(string name, OpDefinition definition, AttributeMap attributes, DType[] outputTypes)
    {
        Name = name;
        Definition = definition;
        Attributes = attributes;
        OutputTypes = outputTypes;
    }

    /// <summary>Name in its GraphDef or function.</summary>
    public string Name { get; }

    /// <summary>The function whose body held the node before inlining; <see langword="null"/> in the main graph.</summary>
    public NodeOrigin? Origin { get; set; }

    /// <summary>Name of that function.</summary>
    public string? FunctionName => Origin?.Function;

    /// <summary>The node of the main graph whose inlined call the node comes from; <see langword="null"/>: it was in the main graph itself.</summary>
    public string? Call { get; set; }

    public OpDefinition Definition { get; set; }

    public string Op => Definition.Name;

    public AttributeMap Attributes { get; set; }

    public List<NodeOutput> Inputs { get; } = [];

    public List<Node> ControlInputs { get; } = [];

    /// <summary>A reference output has its base type.</summary>
    public DType[] OutputTypes { get; set; }

    /// <summary>Graphs of a loop node made by a pass.</summary>
    public LoopGraphs? Loop { get; init; }

    /// <summary>Position of an argument or feed, for nodes of op <see cref="Graph.ArgumentOp"/>.</summary>
    public int ArgumentIndex { get; init; } = -1;

    public bool IsConstant => _constants is not null && Array.TrueForAll(_constants, value => value is not null);

    /// <summary>Value of an output that is the same in every run, or <see langword="null"/>. Owned by the <see cref="ConstantScope"/>.</summary>
    public Tensor? ConstantOutput(int index) => _constants?[index];

    /// <summary>Takes over one reference, on behalf of the current <see cref="ConstantScope"/>.</summary>
    public void SetConstantOutput(int index, Tensor value)
    {
        ConstantScope.Own(value);
        _constants ??= new Tensor?[OutputTypes.Length];
        _constants[index] = value;
    }

    /// <summary>An unconnected copy.</summary>
    public Node Copy() => new(Name, Definition, Attributes, OutputTypes) { Origin = Origin, Call = Call, Loop = Loop };

    public NodeOutput Output(int index) => new(this, index);

    public override string ToString() => $"{Name} = {Op}";
}
