using Google.Protobuf.Collections;
using SharpServing.Runtime.Graphs;
using SharpServing.Runtime.OpDefs;
using SharpServing.Runtime.Registry;
using SharpServing.Runtime.Resources;
using SharpServing.Tensors;
using Tensorflow;
using NodeOutput = SharpServing.Runtime.Graphs.NodeOutput;

namespace SharpServing.Runtime.Passes;

/// <summary>Finds the variables that a graph may write. Where a write goes through a branch or loop, everything passed into it counts.</summary>
internal static class WriteAnalysis
{
    public static void MarkWritten(Graph graph, PassContext context)
    {
        new ConstantFolding().Run(graph, context);
        foreach (Node node in GraphWalk.Reachable(graph))
        {
            bool writes = IsWriter(node.Op, context)
                && node.Inputs.Count > 0 && (node.Inputs[0].Type == DType.Resource || node.Definition.Inputs[0].IsReference);
            if (writes)
            {
                MarkSource(node.Inputs[0], context, graph);
            }
            else if (CallsWriter(node.Attributes.Values, context, []) || LoopWrites(node.Loop, context))
            {
                foreach (NodeOutput input in node.Inputs)
                {
                    if (input.Type == DType.Resource || Import.ReferenceReads.IsReference(input))
                    {
                        MarkSource(input, context, graph);
                    }
                }

                MarkInnerHandles(node.Attributes.Values, context, []);
            }
        }
    }

    private static bool LoopWrites(LoopGraphs? loop, PassContext context) =>
        loop is not null && GraphWalk.Reachable(loop.Body).Concat(GraphWalk.Reachable(loop.Condition)).Any(node =>
            IsWriter(node.Op, context) || CallsWriter(node.Attributes.Values, context, []) || LoopWrites(node.Loop, context));

    private static bool IsWriter(string op, PassContext context) =>
        context.Registry.Find(op) is { } row && (row.Traits & OpTraits.WritesResource) != OpTraits.None;

    private static void MarkSource(NodeOutput handle, PassContext context, Graph graph)
    {
        if (handle.Constant is { } value)
        {
            foreach (object? item in value.Objects)
            {
                if (item is ResourceHandle resource)
                {
                    context.Session.MarkWritten(resource);
                }
            }

            return;
        }

        // A handle that is only known in the run may be any of those that the graph can see.
        foreach (Node node in GraphWalk.Reachable(graph))
        {
            for (int i = 0; i < node.OutputTypes.Length; i++)
            {
                if (node.ConstantOutput(i) is { DType: DType.Resource } constant && constant.Objects[0] is ResourceHandle resource)
                {
                    context.Session.MarkWritten(resource);
                }
            }
        }
    }

    private static IEnumerable<NameAttrList> FunctionsOf(MapField<string, AttrValue> attributes)
    {
        foreach (AttrValue value in attributes.Values)
        {
            if (value.ValueCase == AttrValue.ValueOneofCase.Func)
            {
                yield return value.Func;
            }
            else if (value.ValueCase == AttrValue.ValueOneofCase.List)
            {
                foreach (NameAttrList function in value.List.Func)
                {
                    yield return function;
                }
            }
        }
    }

    private static bool CallsWriter(MapField<string, AttrValue> attributes, PassContext context, HashSet<string> seen)
    {
        foreach (NameAttrList called in FunctionsOf(attributes))
        {
            if (!seen.Add(called.Name) || context.Library.Find(called.Name) is not { } function)
            {
                continue;
            }

            foreach (NodeDef node in function.NodeDef)
            {
                if (IsWriter(node.Op, context)
                    || CallsWriter(node.Attr, context, seen)
                    || (context.Library.Find(node.Op) is not null && CallsWriter(Direct(node.Op), context, seen)))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private static void MarkInnerHandles(MapField<string, AttrValue> attributes, PassContext context, HashSet<string> seen)
    {
        foreach (NameAttrList called in FunctionsOf(attributes))
        {
            if (!seen.Add(called.Name) || context.Library.Find(called.Name) is not { } function)
            {
                continue;
            }

            foreach (NodeDef node in function.NodeDef)
            {
                if (node.Op == "VarHandleOp")
                {
                    var map = new Attributes.AttributeMap(node.Attr, OpDefinitionTable.Find(node.Op));
                    string name = map.String("shared_name") is { Length: > 0 } shared ? shared : node.Name;
                    context.Session.MarkWritten(context.Session.Handle(map.String("container"), name, ResourceKinds.Variable));
                }

                MarkInnerHandles(node.Attr, context, seen);
            }
        }
    }

    private static MapField<string, AttrValue> Direct(string function) =>
        new() { ["f"] = new AttrValue { Func = new NameAttrList { Name = function } } };
}
