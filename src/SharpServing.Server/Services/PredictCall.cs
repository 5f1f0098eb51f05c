using SharpServing.Tensors;

namespace SharpServing.Server.Services;

/// <summary>
/// One Predict, from the request to its answer: what the front end read, and what <see cref="PredictService"/> made of it. Used again
/// for the next request after <see cref="Reset"/>. Not thread-safe.
/// </summary>
internal abstract class PredictCall
{
    private string[] _inputAliases = new string[4];
    private string[] _filter = [];
    private int _filterCount;
    private Tensor?[] _outputs = new Tensor?[4];

    public string ModelName { get; set; } = "";

    /// <summary>The version asked for; null: by label, or the newest.</summary>
    public long? Version { get; set; }

    /// <summary>The label asked for; null: none.</summary>
    public string? VersionLabel { get; set; }

    /// <summary>Empty: the default signature.</summary>
    public string SignatureName { get; set; } = "";

    public int InputCount { get; private set; }

    /// <summary>Names of the inputs sent; no name twice.</summary>
    public ReadOnlySpan<string> InputAliases => _inputAliases.AsSpan(0, InputCount);

    /// <summary>Outputs asked for; none: all.</summary>
    public ReadOnlySpan<string> OutputFilter => _filter.AsSpan(0, _filterCount);

    /// <summary>The version that answered.</summary>
    public long ServedVersion { get; set; }

    /// <summary>The signature that answered, with the default's name filled in.</summary>
    public string ServedSignature { get; set; } = "";

    /// <summary>Names of <see cref="Outputs"/>.</summary>
    public string[] OutputAliases { get; private set; } = [];

    /// <summary>The answer; this object holds a reference to each.</summary>
    public ReadOnlySpan<Tensor?> Outputs => _outputs.AsSpan(0, OutputAliases.Length);

    /// <summary>Makes the tensor of an input; the caller gets a reference.</summary>
    /// <returns>False when it does not decode.</returns>
    public abstract bool TryDecodeInput(int index, out Tensor? tensor);

    /// <summary>The request as a serialized <c>tensorflow.serving.PredictRequest</c>, for a log of it.</summary>
    public abstract byte[] RequestBytes();

    public void AddInput(string alias)
    {
        if (InputCount == _inputAliases.Length)
        {
            Array.Resize(ref _inputAliases, InputCount * 2);
        }

        _inputAliases[InputCount++] = alias;
    }

    public void AddOutputFilter(string alias)
    {
        if (_filterCount == _filter.Length)
        {
            Array.Resize(ref _filter, Math.Max(4, _filterCount * 2));
        }

        _filter[_filterCount++] = alias;
    }

    /// <summary>Takes over one reference to each of <paramref name="fetched"/>.</summary>
    public void SetOutputs(PreparedCall call, ReadOnlySpan<Tensor?> fetched)
    {
        ReleaseOutputs();
        if (_outputs.Length < call.Aliases.Length)
        {
            _outputs = new Tensor?[call.Aliases.Length];
        }

        OutputAliases = call.Aliases;
        for (int i = 0; i < call.Sources.Length; i++)
        {
            _outputs[i] = fetched[call.Sources[i]]!.AddRef();
        }

        foreach (Tensor? tensor in fetched)
        {
            tensor!.Release();
        }
    }

    /// <summary>Forgets the request and releases the answer.</summary>
    public virtual void Reset()
    {
        ReleaseOutputs();
        _inputAliases.AsSpan(0, InputCount).Clear();
        InputCount = 0;
        _filter.AsSpan(0, _filterCount).Clear();
        _filterCount = 0;
        ModelName = "";
        Version = null;
        VersionLabel = null;
        SignatureName = "";
        ServedSignature = "";
        ServedVersion = 0;
    }

    private void ReleaseOutputs()
    {
        for (int i = 0; i < OutputAliases.Length; i++)
        {
            _outputs[i]?.Release();
            _outputs[i] = null;
        }

        OutputAliases = [];
    }
}
