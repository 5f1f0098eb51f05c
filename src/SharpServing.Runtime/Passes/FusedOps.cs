using SharpServing.Runtime.OpDefs;

namespace SharpServing.Runtime.Passes;

/// <summary>
/// Ops that only passes make: a product with what follows it. Inputs: x, weights, then (each if its attribute says so) scale[c], bias[c] and a
/// residual of the result's shape: y = activation(x · (weights · scale) + bias + residual).
/// </summary>
internal static class FusedOps
{
    public const string Conv2D = "_LinearConv2D";
    public const string DepthwiseConv2D = "_LinearDepthwiseConv2dNative";
    public const string MatMul = "_LinearMatMul";
    public const string Gelu = "_Gelu";
    public const string Affine = "has_scale:bool=false has_bias:bool=false has_residual:bool=false activation:int=0 alpha:float=0";

    static FusedOps()
    {
        const string Inputs = "input:=float weights:=float extras:N*=float";
        const string Window = "strides:list(int) padding:string explicit_paddings:list(int)=[] data_format:string=\"NHWC\" dilations:list(int)=[1,1,1,1] refuse_groups:bool=false N:int";
        OpDefinitionTable.AddInternal($"{Conv2D}\t{Inputs}\ty:=float\t{Window} {Affine}\t");
        OpDefinitionTable.AddInternal($"{DepthwiseConv2D}\t{Inputs}\ty:=float\t{Window} {Affine}\t");
        OpDefinitionTable.AddInternal($"{MatMul}\t{Inputs}\ty:=float\ttranspose_a:bool=false transpose_b:bool=false matrices:bool=true N:int {Affine}\t");
        OpDefinitionTable.AddInternal($"{Gelu}\tfeatures:=float\tactivations:=float\tapproximate:bool=false\t");
    }

    public static OpDefinition Definition(string op) => OpDefinitionTable.Find(op)!;
}
