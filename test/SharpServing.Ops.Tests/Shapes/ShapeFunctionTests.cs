using SharpServing.Runtime.Shapes;

namespace SharpServing.Ops.Tests.Shapes;

/// <summary>What the shape functions say of partly known inputs, by the notation of <see cref="ShapeText"/>.</summary>
public sealed class ShapeFunctionTests
{
    /// <summary>Nothing can be known of these before the run: it is what state or a function gives.</summary>
    private static readonly string[] Unknown =
    [
        "Assign", "AssignAdd", "AssignSub", "Case", "If", "LookupTableExport", "LookupTableExportV2", "PartitionedCall", "Placeholder",
        "PlaceholderV2", "ReadVariableOp", "RefIdentity", "ResourceGather", "ResourceGatherNd", "Restore", "RestoreSlice", "RestoreV2", "StatefulPartitionedCall",
        "StatelessCase", "StatelessIf", "StatelessWhile", "TensorArrayConcatV3", "TensorArrayGatherV3", "TensorArrayReadV3", "TensorArrayV3",
        "TensorListElementShape", "TensorListGetItem", "Variable", "VariableV2", "While", "_ReadReference", "_ReadVariablesOp",
    ];

    [Fact]
    public void Rows_ThatSayUnknown_AreTheseOnly() =>
        OpCatalog.Registry.Rows.Where(row => row.Shape == ShapeFunctions.Unknown).Select(row => row.Name).Order(StringComparer.Ordinal)
            .ShouldBe(Unknown.Order(StringComparer.Ordinal));

    [Theory]
    [InlineData("[2,1,4] [3,1]", "[2,3,4]")]
    [InlineData("[2,?] [?]", "[2,?]")]
    [InlineData("[?,1] [5]", "[?,5]")]
    [InlineData("[?,?] [5]", "[?,5]")]
    [InlineData("[?] [1]", "[?]")]
    [InlineData("[0] [1]", "[0]")]
    [InlineData("[0] [?]", "[0]")]
    [InlineData("[2] [3]", "?")]
    [InlineData("[2] ?", "?")]
    [InlineData("[] [2]", "[2]")]
    public void Broadcast(string inputs, string expected) => Check("RealDiv", "", inputs, expected);

    [Theory]
    [InlineData("AddV2", "{2,?,5} =1", "{3,?,6}")]
    [InlineData("AddV2", "{2,3} {4,5}", "{6,8}")]
    [InlineData("Sub", "=3 =5", "=-2")]
    [InlineData("Mul", "{65536} {65536}", "[1]")]
    [InlineData("FloorDiv", "{7,-7,7} {2,2,0}", "{3,-4,?}")]
    [InlineData("FloorMod", "{7,-7,7} {2,2,-2}", "{1,1,-1}")]
    [InlineData("Maximum", "{1,9} =4", "{4,9}")]
    [InlineData("Minimum", "{} =4", "[0]")]
    [InlineData("AddV2", "{1,2} {1,2,3}", "?")]
    public void Integers(string op, string inputs, string expected) => Check(op, "", inputs, expected);

    [Theory]
    [InlineData("Shape", "[2,?,4]", "{2,?,4}")]
    [InlineData("Shape", "?", "[?]")]
    [InlineData("Size", "[2,3,4]", "=24")]
    [InlineData("Size", "[2,?]", "[]")]
    [InlineData("Size", "[0,?]", "=0")]
    [InlineData("Rank", "[?,?]", "=2")]
    [InlineData("Rank", "?", "[]")]
    public void OfShapes(string op, string inputs, string expected) => Check(op, "", inputs, expected);

    [Theory]
    [InlineData("[2,3,4] {6,-1}", "[6,4]")]
    [InlineData("[2,3,4] {?,8}", "[3,8]")]
    [InlineData("[2,3,4] {?,-1}", "[?,?]")]
    [InlineData("[2,3,4] {-1,5}", "[?,5]")]
    [InlineData("[?,3] {?,3}", "[?,3]")]
    [InlineData("[0,3] {0,-1}", "[0,?]")]
    [InlineData("? {-1,768}", "[?,768]")]
    [InlineData("[6] {}", "[]")]
    [InlineData("[6] {2,-3}", "?")]
    [InlineData("[6] ?", "?")]
    [InlineData("=7 {1}", "{7}")]
    [InlineData("{7} {}", "=7")]
    public void Reshape(string inputs, string expected) => Check("Reshape", "", inputs, expected);

    [Theory]
    [InlineData("ExpandDims", "", "[2,3] =1", "[2,1,3]")]
    [InlineData("ExpandDims", "", "[2,3] =-1", "[2,3,1]")]
    [InlineData("ExpandDims", "", "[2,3] =?", "[?,?,?]")]
    [InlineData("ExpandDims", "", "=5 =0", "{5}")]
    [InlineData("ExpandDims", "", "[2,3] =4", "?")]
    [InlineData("Squeeze", "", "[2,1,3]", "[2,3]")]
    [InlineData("Squeeze", "", "[2,?,1]", "?")]
    [InlineData("Squeeze", "squeeze_dims=-1,", "[2,?,1]", "[2,?]")]
    [InlineData("Squeeze", "squeeze_dims=1,", "[2,?,1]", "[2,1]")]
    [InlineData("Squeeze", "squeeze_dims=0,", "[2,?,1]", "?")]
    [InlineData("BroadcastArgs", "", "{2,1} {1,?,3}", "{1,2,3}")]
    [InlineData("BroadcastArgs", "", "{2,?} {1}", "{2,?}")]
    public void Views(string op, string attributes, string inputs, string expected) => Check(op, attributes, inputs, expected);

    [Theory]
    [InlineData("", "[10,8] {1,2} {5,7} {1,2}", "[4,3]")]
    [InlineData("", "[10,8] {-3} {20} {1}", "[3,8]")]
    [InlineData("", "[10,8] {5} {1} {-2}", "[2,8]")]
    [InlineData("", "[?,8] {0,0} {1,4} {1,1}", "[?,4]")]
    [InlineData("", "[10,8] {?,0} {5,4} {1,1}", "[?,4]")]
    [InlineData("begin_mask=1 end_mask=1", "[?,8] {3,0} {3,4} {1,1}", "[?,4]")]
    [InlineData("begin_mask=1 end_mask=1", "[10,8] {?,0} {?,4} {2,1}", "[5,4]")]
    [InlineData("begin_mask=1 end_mask=1", "[10] {0} {0} {-3}", "[4]")]
    [InlineData("shrink_axis_mask=1", "[?,8] {0} {1} {1}", "[8]")]
    [InlineData("new_axis_mask=1 begin_mask=2 end_mask=2", "[5,8] {0,0} {0,0} {1,1}", "[1,5,8]")]
    [InlineData("ellipsis_mask=1", "[2,3,4] {0,1} {0,3} {1,1}", "[2,3,2]")]
    [InlineData("ellipsis_mask=1 new_axis_mask=2", "[2,3] {0,0} {0,0} {1,1}", "[2,3,1]")]
    [InlineData("ellipsis_mask=3", "[2,3] {0,0} {0,0} {1,1}", "?")]
    [InlineData("", "[2] {0,0} {1,1} {1,1}", "?")]
    [InlineData("", "? {0} {1} {1}", "?")]
    [InlineData("shrink_axis_mask=1", "{4,5,6} {-1} {0} {1}", "=6")]
    [InlineData("shrink_axis_mask=1", "{4,?,6} {1} {2} {1}", "[]")]
    [InlineData("shrink_axis_mask=1", "{4,5,6} {1} {0} {-1}", "?")]
    [InlineData("", "[4,5] {0} {1} {0}", "?")]
    [InlineData("begin_mask=1 end_mask=1", "{4,?,6} {0} {0} {-1}", "{6,?,4}")]
    [InlineData("shrink_axis_mask=1", "{4} {3} {4} {1}", "[]")]
    public void StridedSlice(string masks, string inputs, string expected) => Check("StridedSlice", masks, inputs, expected);

    [Theory]
    [InlineData("Slice", "", "[5,6] {1,2} {3,-1}", "[3,4]", 1)]
    [InlineData("Slice", "", "[?,6] {1,2} {-1,?}", "[?,?]", 1)]
    [InlineData("Slice", "", "? {0,0} {2,3}", "[2,3]", 1)]
    [InlineData("Slice", "", "{3,4,?} {1} {2}", "{4,?}", 1)]
    [InlineData("SparseReduceMaxSparse", "", "? ? {2,3,4} {0}", "[?,2] [?] {3,4}", 3)]
    [InlineData("Split", "", "=1 [2,6]", "[2,2] [2,2] [2,2]", 3)]
    [InlineData("Split", "", "=-1 [?,?]", "[?,?] [?,?]", 2)]
    [InlineData("Split", "", "=? [2,6]", "[?,?] [?,?]", 2)]
    [InlineData("Split", "", "=0 [3]", "[?] [?]", 2)]
    [InlineData("SplitV", "", "[2,6] {1,-1} =1", "[2,1] [2,5]", 2)]
    [InlineData("SplitV", "", "[2,?] {1,-1} =1", "[2,1] [2,?]", 2)]
    [InlineData("SplitV", "", "[2,6] {?,?} =0", "[?,6] [?,6]", 2)]
    [InlineData("SplitV", "", "[2,6] {2000000000,2000000000,-1} =1", "[2,2000000000] [2,2000000000] [2,?]", 3)]
    [InlineData("Unpack", "axis=1", "[5,2,7]", "[5,7] [5,7]", 2)]
    [InlineData("Unpack", "", "{8,?}", "=8 []", 2)]
    public void Parts(string op, string attributes, string inputs, string expected, int outputs) => Check(op, attributes, inputs, expected, outputs);

    [Theory]
    [InlineData("ConcatV2", "", "[2,3] [2,4] =1", "[2,7]")]
    [InlineData("ConcatV2", "", "[?,3] [2,?] =-1", "[2,?]")]
    [InlineData("ConcatV2", "", "? [2,4] =0", "[?,4]")]
    [InlineData("ConcatV2", "", "[2,3] [2,4] =?", "[?,?]")]
    [InlineData("ConcatV2", "", "[2,3] [3,4] =1", "?")]
    [InlineData("ConcatV2", "", "{1,?} {3} =0", "{1,?,3}")]
    [InlineData("Concat", "", "=0 [2] [3]", "[5]")]
    [InlineData("Pack", "", "=1 =? =3", "{1,?,3}")]
    [InlineData("Pack", "axis=-1", "[2,?] [?,4]", "[2,4,2]")]
    [InlineData("Pack", "", "? ?", "?")]
    [InlineData("Pack", "axis=3", "[2]", "?")]
    [InlineData("Tile", "", "[2,3] {2,?}", "[4,?]")]
    [InlineData("Tile", "", "? {2,3}", "[?,?]")]
    [InlineData("Tile", "", "[0,3] {?,2}", "[0,6]")]
    [InlineData("BroadcastTo", "", "? {2,?}", "[2,?]")]
    [InlineData("ConcatOffset", "", "=1 {2,3} {2,?} {2,5}", "{0,0} {0,3} {0,?}", 3)]
    public void Joins(string op, string attributes, string inputs, string expected, int outputs = 1) => Check(op, attributes, inputs, expected, outputs);

    [Theory]
    [InlineData("Fill", "", "{2,?} []", "[2,?]")]
    [InlineData("Fill", "", "{2,-1} []", "?")]
    [InlineData("OneHot", "", "[2,3] =5 [] []", "[2,3,5]")]
    [InlineData("OneHot", "axis=0", "[2,?] =? [] []", "[?,2,?]")]
    [InlineData("Transpose", "", "[2,3,4] {2,0,1}", "[4,2,3]")]
    [InlineData("Transpose", "", "[2,3,4] {2,?,1}", "[4,?,3]")]
    [InlineData("Transpose", "", "? {1,0}", "[?,?]")]
    [InlineData("Pad", "", "[2,?] {{1,2},{0,3}}", "[5,?]")]
    [InlineData("Pad", "", "[2,3] ?", "[?,?]")]
    [InlineData("Pad", "", "? [3,2]", "[?,?,?]")]
    [InlineData("Select", "", "[] [2,?] [?,3]", "[2,3]")]
    [InlineData("SelectV2", "", "[4,1] [3] []", "[4,3]")]
    [InlineData("Where", "", "[4,3]", "[?,2]")]
    [InlineData("Where", "", "?", "[?,?]")]
    public void Fills(string op, string attributes, string inputs, string expected) => Check(op, attributes, inputs, expected);

    [Theory]
    [InlineData("GatherV2", "", "[5,6] [2,3] =0", "[2,3,6]")]
    [InlineData("GatherV2", "", "[5,6,7] [4] =1", "[5,4,7]")]
    [InlineData("GatherV2", "batch_dims=1", "[5,6,7] [5,4] =1", "[5,4,7]")]
    [InlineData("GatherV2", "batch_dims=-1", "[5,6,7] [5,4] =1", "[5,4,7]")]
    [InlineData("GatherV2", "", "[5,6,7] [4] =?", "[?,?,?]")]
    [InlineData("GatherV2", "", "? [4] =0", "?")]
    [InlineData("GatherV2", "", "{7,?,9} {2,1} =0", "{9,?}")]
    [InlineData("GatherV2", "", "{7,8,9} =1 =0", "=8")]
    [InlineData("GatherV2", "", "{7,8,9} {5} =0", "[1]")]
    [InlineData("GatherNd", "", "[5,6,7] [2,3,2]", "[2,3,7]")]
    [InlineData("GatherNd", "", "[5,6,7] [2,?]", "?")]
    public void Gathers(string op, string attributes, string inputs, string expected) => Check(op, attributes, inputs, expected);

    [Theory]
    [InlineData("Mean", "", "[2,3,4] {0,-1}", "[3]")]
    [InlineData("Mean", "keep_dims=true", "[2,?,4] {0,-1}", "[1,?,1]")]
    [InlineData("Mean", "", "[2,3,4] {}", "[2,3,4]")]
    [InlineData("Mean", "", "[2,3,4] {?}", "?")]
    [InlineData("Mean", "keep_dims=true", "[2,3,4] {?}", "[?,?,?]")]
    [InlineData("Mean", "", "[2,3] {2}", "?")]
    [InlineData("Prod", "", "{2,3,4} {0}", "=24")]
    [InlineData("Prod", "keep_dims=true", "{2,3,4} =0", "{24}")]
    [InlineData("Prod", "", "{2,?,4} =0", "[]")]
    [InlineData("Prod", "", "{} =0", "=1")]
    [InlineData("Sum", "", "{2,3} =0", "=5")]
    [InlineData("SparseReduceSum", "", "? ? {2,?,4} {0}", "[?,4]")]
    [InlineData("SparseReduceSum", "keep_dims=true", "? ? {2,3,4} =1", "[2,1,4]")]
    [InlineData("ArgMax", "", "[2,3,4] =1", "[2,4]")]
    [InlineData("ArgMax", "", "[2,3,4] =?", "[?,?]")]
    [InlineData("Range", "", "=2 =9 =3", "{2,5,8}")]
    [InlineData("Range", "", "=9 =2 =-3", "{9,6,3}")]
    [InlineData("Range", "", "=0 =? =1", "[?]")]
    [InlineData("Range", "", "=5 =0 =1", "[?]")]
    [InlineData("Range", "", "=0 =1000 =1", "[1000]")]
    public void Reductions(string op, string attributes, string inputs, string expected) => Check(op, attributes, inputs, expected);

    [Theory]
    [InlineData("MatMul", "", "[2,3] [3,4]", "[2,4]")]
    [InlineData("MatMul", "transpose_a=true transpose_b=true", "[3,2] [4,3]", "[2,4]")]
    [InlineData("MatMul", "", "? [3,4]", "[?,4]")]
    [InlineData("BatchMatMulV2", "", "[5,1,2,3] [7,3,4]", "[5,7,2,4]")]
    [InlineData("BatchMatMulV2", "adj_x=true adj_y=true", "[3,2] [?,4,3]", "[?,2,4]")]
    [InlineData("BatchMatMulV2", "", "? [3,4]", "?")]
    [InlineData("Einsum", "equation=ab,bc->ac", "[2,3] [?,4]", "[2,4]")]
    [InlineData("Einsum", "equation=...ab,...bc->...ac", "[5,1,2,3] [7,3,4]", "[5,7,2,4]")]
    [InlineData("Einsum", "equation=...ab,bc->...ac", "? [3,4]", "?")]
    [InlineData("Einsum", "equation=abc->cb", "[?,3,4]", "[4,3]")]
    [InlineData("Einsum", "equation=a,b->ab", "[2] ?", "[2,?]")]
    public void Products(string op, string attributes, string inputs, string expected) => Check(op, attributes, inputs, expected);

    [Theory]
    [InlineData("Conv2D", "strides=1,2,2,1 padding=SAME", "[?,9,8,3] [3,3,3,16]", "[?,5,4,16]")]
    [InlineData("Conv2D", "strides=1,2,2,1 padding=VALID", "[4,9,8,3] [3,3,3,16]", "[4,4,3,16]")]
    [InlineData("Conv2D", "strides=1,1,1,1 padding=VALID dilations=1,2,2,1", "[4,9,?,3] [3,3,3,16]", "[4,5,?,16]")]
    [InlineData("Conv2D", "strides=1,1,2,1 padding=EXPLICIT explicit_paddings=0,0,1,2,0,3,0,0", "[4,9,8,3] [3,3,3,16]", "[4,10,5,16]")]
    [InlineData("Conv2D", "strides=1,1,2,2 padding=SAME data_format=NCHW", "[4,3,9,8] [3,3,3,16]", "[4,16,5,4]")]
    [InlineData("Conv2D", "strides=1,1,1,1 padding=VALID", "[4,2,2,3] [3,3,3,16]", "[4,0,0,16]")]
    [InlineData("Conv2D", "strides=1,1,1,1 padding=VALID", "[4,1,1,3] [3,3,3,16]", "[4,?,?,16]")]
    [InlineData("Conv2D", "strides=1,1,1,1 padding=SAME", "? ?", "[?,?,?,?]")]
    [InlineData("DepthwiseConv2dNative", "strides=1,1,1,1 padding=SAME", "[2,5,5,3] [3,3,3,4]", "[2,5,5,12]")]
    [InlineData("Conv2DBackpropInput", "strides=1,2,2,1 padding=SAME", "{?,8,8,3} [3,3,3,16] ?", "[?,8,8,3]")]
    [InlineData("Conv2DBackpropInput", "strides=1,2,2,1 padding=SAME", "{8,8} [3,3,3,16] ?", "[?,?,?,?]")]
    [InlineData("MaxPool", "ksize=1,3,2,1 strides=1,2,2,1 padding=VALID", "[?,9,8,3]", "[?,4,4,3]")]
    [InlineData("AvgPool", "ksize=1,3,2,1 strides=1,2,2,1 padding=SAME", "[?,9,8,3]", "[?,5,4,3]")]
    [InlineData("MaxPool", "ksize=1,1,1,2 strides=1,1,1,2 padding=SAME", "[2,9,8,4]", "[2,?,?,?]")]
    [InlineData("BiasAdd", "", "[?,4,?] [7]", "[?,4,7]")]
    [InlineData("BiasAdd", "data_format=NCHW", "[?,?,5] [7]", "[?,7,5]")]
    [InlineData("TopKV2", "", "[2,9] =3", "[2,3] [2,3]", 2)]
    [InlineData("ResizeBilinear", "", "[2,?,?,3] {5,?}", "[2,5,?,3]")]
    public void Networks(string op, string attributes, string inputs, string expected, int outputs = 1) => Check(op, attributes, inputs, expected, outputs);

    [Theory]
    [InlineData("Equal", "", "[2,1] [3]", "[2,3]")]
    [InlineData("Equal", "incompatible_shape_error=false", "[2,?] [3]", "?")]
    [InlineData("Equal", "incompatible_shape_error=false", "[2,1] [3]", "[2,3]")]
    [InlineData("Equal", "incompatible_shape_error=false", "[2] [3]", "?")]
    [InlineData("Merge", "", "[2,3] [2,4]", "[2,?] []", 2)]
    [InlineData("Merge", "", "[2,3] [2]", "? []", 2)]
    [InlineData("StringJoin", "", "[] [2,?] [?,3]", "[2,3]")]
    [InlineData("StringJoin", "", "[] []", "[]")]
    [InlineData("StringJoin", "", "[] ?", "?")]
    [InlineData("TensorListStack", "", "[] {?,3}", "?")]
    [InlineData("TensorListStack", "num_elements=4", "[] {2,3}", "[4,2,3]")]
    [InlineData("TensorListGather", "", "[] {0,1,2} {-1,3}", "[3,?,3]")]
    [InlineData("CropAndResize", "", "[1,4,4,2] [5,4] [?] {3,3}", "[5,3,3,2]")]
    [InlineData("CropAndResize", "", "[1,4,4,2] [5,0] ? {3,3}", "[?,3,3,2]")]
    public void Others(string op, string attributes, string inputs, string expected, int outputs = 1) => Check(op, attributes, inputs, expected, outputs);

    private static void Check(string op, string attributes, string inputs, string expected, int outputs = 1) =>
        ShapeText.Infer(op, attributes, inputs, outputs).ShouldBe(expected);
}
