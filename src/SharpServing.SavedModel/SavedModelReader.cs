using Google.Protobuf;
using SharpServing.Protos.Text;
using Tensorflow;
using SavedModelProto = Tensorflow.SavedModel;

namespace SharpServing.SavedModel;

/// <summary>
/// Reads the files of a version folder, with the rules, codes and texts of TensorFlow's loader
/// (tensorflow/cc/saved_model/reader.cc, loader.cc, loader_util.cc).
/// </summary>
public static class SavedModelReader
{
    public const string BinaryFile = "saved_model.pb";
    public const string TextFile = "saved_model.pbtxt";
    public const string InitOpKey = "__saved_model_init_op";

    /// <summary>Protobuf's own limit on a message. Unit: bytes.</summary>
    private const long MaxBinaryBytes = int.MaxValue - 64;

    private const string MainOpCollection = "saved_model_main_op";
    private const string LegacyInitOpCollection = "legacy_init_op";
    private const string AssetsCollection = "saved_model_assets";
    private const string AssetType = "tensorflow.AssetFileDef";

    /// <summary>True when the folder holds a SavedModel of either form.</summary>
    public static bool Exists(string directory) =>
        PathExists(Join(directory, BinaryFile)) || PathExists(Join(directory, TextFile));

    /// <summary>Reads <c>saved_model.pb</c>, or without one <c>saved_model.pbtxt</c>.</summary>
    /// <returns>
    /// NOT_FOUND without either file, OUT_OF_RANGE for one that is cut short, DATA_LOSS for one that does not parse. An empty file is
    /// a SavedModel without MetaGraphs.
    /// </returns>
    public static ServingStatus TryReadFile(string directory, out SavedModelProto? savedModel)
    {
        savedModel = null;
        string path = Join(directory, BinaryFile);
        if (PathExists(path))
        {
            return TryReadBinary(path, out savedModel);
        }

        path = Join(directory, TextFile);
        return PathExists(path)
            ? TryReadText(path, out savedModel)
            : ServingStatus.NotFound(
                $"Could not find SavedModel .pb or .pbtxt at supplied export directory path: {directory}. " +
                "Check that the directory exists and that you have the right permissions for accessing it.");
    }

    /// <summary>Reads the first MetaGraph whose tags, as a set, are <paramref name="tags"/>.</summary>
    /// <returns>Also NOT_FOUND when no MetaGraph has these tags, FAILED_PRECONDITION for a graph that the loader refuses.</returns>
    public static ServingStatus TryRead(string directory, IReadOnlyCollection<string> tags, out SavedModelGraph? graph)
    {
        graph = null;
        ServingStatus status = TryReadFile(directory, out SavedModelProto? savedModel);
        if (!status.IsOk)
        {
            return status;
        }

        var wanted = new HashSet<string>(tags);
        foreach (MetaGraphDef metaGraph in savedModel!.MetaGraphs)
        {
            if (wanted.SetEquals(metaGraph.MetaInfoDef?.Tags ?? []))
            {
                return TryDescribe(directory, metaGraph, out graph);
            }
        }

        return ServingStatus.NotFound(
            $"Could not find meta graph def matching supplied tags: {{ {string.Join(' ', wanted.Order(StringComparer.Ordinal))} }}. " +
            "To inspect available tag-sets in the SavedModel, please use the SavedModel CLI: `saved_model_cli`");
    }

    private static ServingStatus TryReadBinary(string path, out SavedModelProto? savedModel)
    {
        savedModel = null;
        ServingStatus status = FileStatus.TryReadAll(path, MaxBinaryBytes, out byte[] bytes);
        if (!status.IsOk)
        {
            return status;
        }

        WireCheck check = WireChecker.Check(bytes, SavedModelProto.Descriptor);
        if (check == WireCheck.Valid)
        {
            try
            {
                savedModel = SavedModelProto.Parser.ParseFrom(bytes);
                return ServingStatus.Ok;
            }
            catch (InvalidProtocolBufferException)
            {
                check = WireCheck.Malformed;
            }
        }

        return check == WireCheck.EndOfData ? FileStatus.EndOfFile : new ServingStatus(StatusCode.DataLoss, $"Can't parse {path} as binary proto");
    }

    private static ServingStatus TryReadText(string path, out SavedModelProto? savedModel)
    {
        savedModel = null;
        ServingStatus status = FileStatus.TryReadAll(path, MaxBinaryBytes, out byte[] bytes);
        if (!status.IsOk)
        {
            return status;
        }

        var parsed = new SavedModelProto();
        if (TextFormat.TryParse(bytes, parsed, out _, out bool reachedEnd))
        {
            savedModel = parsed;
            return ServingStatus.Ok;
        }

        return reachedEnd ? FileStatus.EndOfFile : new ServingStatus(StatusCode.DataLoss, $"Can't parse {path} as text proto");
    }

    private static ServingStatus TryDescribe(string directory, MetaGraphDef metaGraph, out SavedModelGraph? graph)
    {
        graph = null;
        ServingStatus status = SavedGraphCheck.Check(metaGraph.GraphDef ?? new GraphDef());
        if (!status.IsOk)
        {
            return status;
        }

        status = TryFindAssets(directory, metaGraph, out List<SavedModelAsset> assets);
        if (!status.IsOk)
        {
            return status;
        }

        status = TryFindInitOp(directory, metaGraph, out string? initOp);
        if (!status.IsOk)
        {
            return status;
        }

        string variables = Join(Join(directory, "variables"), "variables");
        string index = variables + ".index";
        bool restores = metaGraph.SaverDef is not null && PathExists(index);
        graph = new SavedModelGraph
        {
            Directory = directory,
            MetaGraph = metaGraph,
            RestoreOp = restores ? metaGraph.SaverDef!.RestoreOpName : null,
            FilenameTensor = restores ? metaGraph.SaverDef!.FilenameTensorName : null,
            VariablesPrefix = restores ? variables : null,
            VariablesIndex = index,
            InitOp = initOp,
            Assets = assets,
        };
        return ServingStatus.Ok;
    }

    /// <summary>The MetaGraph's own list; older exports have a collection of <c>Any</c> instead.</summary>
    private static ServingStatus TryFindAssets(string directory, MetaGraphDef metaGraph, out List<SavedModelAsset> assets)
    {
        assets = [];
        string folder = Join(directory, "assets");
        foreach (AssetFileDef asset in metaGraph.AssetFileDef)
        {
            assets.Add(new SavedModelAsset(asset.TensorInfo?.Name ?? "", Join(folder, asset.Filename)));
        }

        if (assets.Count > 0 || !metaGraph.CollectionDef.TryGetValue(AssetsCollection, out CollectionDef? collection))
        {
            return ServingStatus.Ok;
        }

        foreach (Google.Protobuf.WellKnownTypes.Any any in collection.AnyList?.Value ?? [])
        {
            if (!any.TypeUrl.EndsWith("/" + AssetType, StringComparison.Ordinal))
            {
                return ServingStatus.FailedPrecondition($"Expected Any type_url for: {AssetType}. Got: {any.TypeUrl}.");
            }

            try
            {
                var asset = AssetFileDef.Parser.ParseFrom(any.Value);
                assets.Add(new SavedModelAsset(asset.TensorInfo?.Name ?? "", Join(folder, asset.Filename)));
            }
            catch (InvalidProtocolBufferException)
            {
                return ServingStatus.FailedPrecondition($"Failed to unpack: {any}");
            }
        }

        return ServingStatus.Ok;
    }

    /// <summary>Three places for one thing: the signature of TF 2, then the main op's collection, then the legacy one.</summary>
    private static ServingStatus TryFindInitOp(string directory, MetaGraphDef metaGraph, out string? initOp)
    {
        initOp = null;
        if (metaGraph.SignatureDef.TryGetValue(InitOpKey, out SignatureDef? signature))
        {
            if (!signature.Outputs.TryGetValue(InitOpKey, out TensorInfo? output))
            {
                return ServingStatus.FailedPrecondition($"Could not find output {InitOpKey}");
            }

            initOp = NullIfEmpty(output.Name);
            return ServingStatus.Ok;
        }

        if (metaGraph.CollectionDef.TryGetValue(MainOpCollection, out CollectionDef? collection)
            || metaGraph.CollectionDef.TryGetValue(LegacyInitOpCollection, out collection))
        {
            if (collection.NodeList is not { Value.Count: 1 } nodes)
            {
                return ServingStatus.FailedPrecondition($"Expected exactly one main op in : {directory}");
            }

            initOp = NullIfEmpty(nodes.Value[0]);
        }

        return ServingStatus.Ok;
    }

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;

    private static bool PathExists(string path) => File.Exists(path) || Directory.Exists(path);

    /// <summary>One slash between the parts, whatever the system, as TensorFlow's paths in texts and tensors have.</summary>
    private static string Join(string folder, string name) =>
        folder.Length == 0 ? name : folder.EndsWith('/') ? folder + name.TrimStart('/') : folder + "/" + name.TrimStart('/');
}
