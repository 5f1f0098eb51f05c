using SharpServing.Runtime.Attributes;
using SharpServing.Tensors;

namespace SharpServing.Ops.Lists;

/// <summary>
/// The object behind a TensorArrayV3 handle: lives as long as a handle tensor holds it. Written by the loop it belongs to, in the order that
/// its flow values give; guarded all the same.
/// </summary>
internal sealed class TensorArray(string name, DType type, PartialShape elementShape, int size, bool dynamicSize, bool clearAfterRead, bool identicalShapes)
    : IReferenceCounted
{
    private readonly Lock _lock = new();
    private readonly List<Tensor?> _elements = [.. new Tensor?[size]];
    private readonly List<bool> _cleared = [.. new bool[size]];
    private PartialShape _elementShape = elementShape;
    private int _references = 1;

    public DType Type => type;

    public PartialShape ElementShape => _elementShape;

    public int Count => _elements.Count;

    public bool IsClosed { get; private set; }

    /// <summary>The size it was made with.</summary>
    public int InitialSize => size;

    public bool DynamicSize => dynamicSize;

    public void AddRef() => Interlocked.Increment(ref _references);

    public void Release()
    {
        if (Interlocked.Decrement(ref _references) == 0)
        {
            Clear();
        }
    }

    /// <summary>Gives the elements back; whoever uses the array afterwards is told so.</summary>
    public void Close()
    {
        IsClosed = true;
        Clear();
    }

    /// <exception cref="StatusException">INVALID_ARGUMENT: the array was closed.</exception>
    public void CheckOpen()
    {
        if (IsClosed)
        {
            throw StatusException.InvalidArgument($"TensorArray {name} has already been closed.");
        }
    }

    /// <summary>Narrows the shape of the elements to what is also <paramref name="shape"/>.</summary>
    /// <exception cref="StatusException">INVALID_ARGUMENT: no shape is both.</exception>
    public void MergeElementShape(PartialShape shape)
    {
        lock (_lock)
        {
            _elementShape = _elementShape.MergeOrThrow(shape);
        }
    }

    private void Clear()
    {
        lock (_lock)
        {
            foreach (Tensor? element in _elements)
            {
                element?.Release();
            }

            _elements.Clear();
            _cleared.Clear();
        }
    }

    /// <summary>Takes over one reference to <paramref name="value"/>, also when it is refused.</summary>
    /// <exception cref="StatusException">INVALID_ARGUMENT with TensorFlow's text.</exception>
    public void Write(int index, Tensor value)
    {
        lock (_lock)
        {
            try
            {
                Check(index, value);
            }
            catch
            {
                value.Release();
                throw;
            }

            while (_elements.Count <= index)
            {
                _elements.Add(null);
                _cleared.Add(false);
            }

            _elements[index] = value;
            if (identicalShapes && !_elementShape.IsFullyDefined)
            {
                _elementShape = new PartialShape(value.Shape.ToArray());
            }
        }
    }

    /// <summary>One reference to an element for the caller; zeros for one never written when the shape is known.</summary>
    /// <exception cref="StatusException">INVALID_ARGUMENT with TensorFlow's text.</exception>
    public Tensor Read(int index)
    {
        lock (_lock)
        {
            if (index < 0 || index >= _elements.Count)
            {
                throw StatusException.InvalidArgument($"Tried to read from index {index} but array size is: {_elements.Count}");
            }

            if (_cleared[index])
            {
                throw StatusException.InvalidArgument(
                    $"TensorArray {name}: Could not read index {index} twice because it was cleared after a previous read (perhaps try setting clear_after_read = false?).");
            }

            Tensor? element = _elements[index];
            if (element is null)
            {
                return _elementShape.TryToShape(out Shape shape)
                    ? type.IsPlain() ? Tensor.Zeros(type, shape) : throw StatusException.InvalidArgument($"tensor_array::TensorSetZero type not supported: {type.ToName()}")
                    : throw StatusException.InvalidArgument(
                        $"TensorArray {name}: Could not read from TensorArray index {index}.  Furthermore, the element shape is not fully defined: {_elementShape}.  " +
                        "It is possible you are working with a resizeable TensorArray and stop_gradients is not allowing the gradients to be written.  If you set the full " +
                        "element_shape property on the forward TensorArray, the proper all-zeros tensor will be returned instead of incurring this error.");
            }

            if (clearAfterRead)
            {
                _elements[index] = null;
                _cleared[index] = true;
                return element;
            }

            return element.AddRef();
        }
    }

    private void Check(int index, Tensor value)
    {
        if (value.DType != type)
        {
            throw StatusException.InvalidArgument($"TensorArray dtype is {type.ToName()} but Op is trying to write dtype {value.DType.ToName()}.");
        }

        if (index < 0 || (!dynamicSize && index >= _elements.Count))
        {
            throw StatusException.InvalidArgument(
                $"TensorArray {name}: Tried to write to index {index} but array is not resizeable and size is: {_elements.Count}");
        }

        if (!_elementShape.IsCompatibleWith(value.Shape))
        {
            throw StatusException.InvalidArgument(
                $"TensorArray {name}: Could not write to TensorArray index {index} because the value shape is {value.Shape} which is incompatible with the TensorArray's inferred element shape: {_elementShape} (consider setting infer_shape=False).");
        }

        if (index < _elements.Count && (_elements[index] is not null || _cleared[index]))
        {
            throw StatusException.InvalidArgument(_cleared[index]
                ? $"TensorArray {name}: Could not write to TensorArray index {index} because it has already been read."
                : $"TensorArray {name}: Could not write to TensorArray index {index} because it has already been written to.");
        }
    }
}
