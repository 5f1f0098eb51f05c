using Tensorflow;

namespace SharpServing.Runtime.Import;

/// <summary>Finds the loop variables that a body gives out as they came in.</summary>
internal static class LoopInvariants
{
    /// <summary>One entry a loop variable; lists of tensors in a signature are never taken as invariant.</summary>
    public static bool[] Find(FunctionDef body)
    {
        int count = body.Signature.OutputArg.Count;
        bool[] invariant = new bool[count];
        if (body.Signature.InputArg.Count != count)
        {
            return invariant;
        }

        var identities = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (NodeDef node in body.NodeDef)
        {
            if (node.Op == "Identity" && node.Input.Count > 0)
            {
                identities[node.Name] = node.Input[0];
            }
        }

        for (int i = 0; i < count; i++)
        {
            if (!body.Ret.TryGetValue(body.Signature.OutputArg[i].Name, out string? source))
            {
                continue;
            }

            for (int hops = 0; hops < 16; hops++)
            {
                if (source == body.Signature.InputArg[i].Name)
                {
                    invariant[i] = true;
                    break;
                }

                int colon = source.IndexOf(':', StringComparison.Ordinal);
                if (colon < 0 || !identities.TryGetValue(source[..colon], out string? next))
                {
                    break;
                }

                source = next;
            }
        }

        return invariant;
    }
}
