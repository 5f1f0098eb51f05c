using System.Buffers;
using Google.Protobuf;
using Google.Protobuf.Collections;
using SharpServing.Runtime;
using SharpServing.Server.Grpc;
using SharpServing.Tensors;
using Tensorflow;

namespace SharpServing.Server.Services;

/// <summary>
/// One signature, ready to be called: bindings as arrays, default inputs as tensors, compiled calls by the outputs asked for.
/// Thread-safe; a call reads it without a lock.
/// </summary>
public sealed class SignatureModel
{
    /// <summary>Calls kept besides the one for all outputs; further filters are compiled by the session each time.</summary>
    private const int MaxFilteredCalls = 64;

    private readonly IGraphSession _session;
    private readonly TensorBinding[] _inputs;
    private readonly TensorBinding[] _outputs;
    private readonly int[] _feedOrder;
    private readonly string[] _feeds;
    private readonly Tensor?[] _defaults;
    private PreparedCall? _allOutputs;
    private PreparedCall[] _filtered = [];

    internal SignatureModel(string name, SignatureDef definition, IGraphSession session)
    {
        Name = name;
        Definition = definition;
        _session = session;
        Pace = new RunPace(session.WaitsForOthers);
        _inputs = Bind(definition.Inputs);
        _outputs = Bind(definition.Outputs);
        _defaults = new Tensor?[_inputs.Length];
        _feedOrder = new int[_inputs.Length];
        for (int i = 0; i < _feedOrder.Length; i++)
        {
            _feedOrder[i] = i;
        }

        // The original hands its feeds over sorted by name: errors count them in that order.
        Array.Sort(_feedOrder, (a, b) => string.CompareOrdinal(_inputs[a].TensorName, _inputs[b].TensorName));
        _feeds = Array.ConvertAll(_feedOrder, i => _inputs[i].TensorName);
    }

    public string Name { get; }

    public SignatureDef Definition { get; }

    /// <summary>In the order of the file.</summary>
    public ReadOnlySpan<TensorBinding> Inputs => _inputs;

    /// <summary>In the order of the file.</summary>
    public ReadOnlySpan<TensorBinding> Outputs => _outputs;

    internal RunPace Pace { get; }

    /// <summary>Indexes into <see cref="Inputs"/>, in the order in which a <see cref="PreparedCall"/> takes its feeds.</summary>
    internal ReadOnlySpan<int> FeedOrder => _feedOrder;

    /// <summary>The compiled call for the outputs named, or for all when none is.</summary>
    /// <returns>The session's error, or the original's for an output that does not exist or is named twice.</returns>
    internal ServingStatus TryPrepare(ReadOnlySpan<string> filter, out PreparedCall? call)
    {
        call = filter.IsEmpty ? Volatile.Read(ref _allOutputs) : FindFiltered(filter);
        return call is null ? Prepare(filter, out call) : ServingStatus.Ok;
    }

    /// <summary>Name of the tensor behind an output.</summary>
    /// <param name="alias">One of <see cref="Outputs"/>.</param>
    internal string TensorOfOutput(string alias) => _outputs[IndexOf(_outputs, alias)].TensorName;

    /// <summary>The default of an input; the caller gets a reference.</summary>
    /// <returns>False when it does not decode.</returns>
    internal bool TryMakeDefault(int input, TensorProto value, out Tensor? tensor)
    {
        tensor = Volatile.Read(ref _defaults[input]);
        if (tensor is null)
        {
            if (!TensorProtoReader.TryRead(new ReadOnlySequence<byte>(value.ToByteArray()), long.MaxValue, out Tensor? made))
            {
                return false;
            }

            tensor = Interlocked.CompareExchange(ref _defaults[input], made, null);
            if (tensor is null)
            {
                tensor = made!;
            }
            else
            {
                made!.Release();
            }
        }

        tensor.AddRef();
        return true;
    }

    /// <summary>Gives the memory of default inputs back; no call runs any more.</summary>
    internal void Release()
    {
        foreach (ref Tensor? tensor in _defaults.AsSpan())
        {
            tensor?.Release();
            tensor = null;
        }
    }

    private static TensorBinding[] Bind(MapField<string, TensorInfo> infos)
    {
        var bindings = new TensorBinding[infos.Count];
        int i = 0;
        foreach ((string alias, TensorInfo info) in infos)
        {
            bindings[i++] = new TensorBinding(alias, info.Name, (DType)(int)info.Dtype);
        }

        return bindings;
    }

    private static int IndexOf(ReadOnlySpan<TensorBinding> bindings, string alias)
    {
        for (int i = 0; i < bindings.Length; i++)
        {
            if (bindings[i].Alias == alias)
            {
                return i;
            }
        }

        return -1;
    }

    private PreparedCall? FindFiltered(ReadOnlySpan<string> filter)
    {
        foreach (PreparedCall call in Volatile.Read(ref _filtered))
        {
            if (filter.SequenceEqual(call.Aliases))
            {
                return call;
            }
        }

        return null;
    }

    private ServingStatus Prepare(ReadOnlySpan<string> filter, out PreparedCall? call)
    {
        call = null;
        ServingStatus status = Select(filter, out TensorBinding[] outputs);
        if (!status.IsOk)
        {
            return status;
        }

        var fetches = new List<string>(outputs.Length);
        int[] sources = new int[outputs.Length];
        for (int i = 0; i < outputs.Length; i++)
        {
            int known = fetches.IndexOf(outputs[i].TensorName);
            sources[i] = known >= 0 ? known : fetches.Count;
            if (known < 0)
            {
                fetches.Add(outputs[i].TensorName);
            }
        }

        if (fetches.Count == 0)
        {
            return ServingStatus.InvalidArgument("Must specify at least one target to fetch or execute.");
        }

        status = _session.TryPrepare(_feeds, fetches.ToArray(), [], out GraphCallable? callable);
        if (!status.IsOk)
        {
            return status;
        }

        call = new PreparedCall(callable!, Array.ConvertAll(outputs, static o => o.Alias), sources, fetches.Count);
        Keep(filter, call);
        return ServingStatus.Ok;
    }

    private ServingStatus Select(ReadOnlySpan<string> filter, out TensorBinding[] outputs)
    {
        outputs = filter.IsEmpty ? _outputs : new TensorBinding[filter.Length];
        for (int i = 0; i < filter.Length; i++)
        {
            int index = IndexOf(_outputs, filter[i]);
            if (index < 0)
            {
                string known = AliasSet.Format(Array.ConvertAll(_outputs, static o => o.Alias));
                return ServingStatus.InvalidArgument(
                    $"output tensor alias not found in signature: {filter[i]} Outputs expected to be in the set {{{known}}}.");
            }

            if (filter[..i].Contains(filter[i]))
            {
                return ServingStatus.InvalidArgument($"duplicate output tensor alias: {filter[i]}");
            }

            outputs[i] = _outputs[index];
        }

        return ServingStatus.Ok;
    }

    private void Keep(ReadOnlySpan<string> filter, PreparedCall call)
    {
        if (filter.IsEmpty)
        {
            Volatile.Write(ref _allOutputs, call);
            return;
        }

        PreparedCall[] known = Volatile.Read(ref _filtered);
        if (known.Length < MaxFilteredCalls)
        {
            // A lost race drops one entry: it is made again when asked for.
            Interlocked.CompareExchange(ref _filtered, [.. known, call], known);
        }
    }
}
