using SharpServing.Runtime.Attributes;
using SharpServing.Tensors;

namespace SharpServing.Ops.Lists;

/// <summary>
/// The value of a tensor list: elements (null: never set) and what is known of their shape. A value: an op that changes one makes a copy,
/// unless it holds the only reference.
/// </summary>
internal sealed class TensorList : IReferenceCounted
{
    private int _references = 1;

    public TensorList(DType elementType, PartialShape elementShape, List<Tensor?> elements)
    {
        ElementType = elementType;
        ElementShape = elementShape;
        Elements = elements;
    }

    public DType ElementType { get; }

    public PartialShape ElementShape { get; set; }

    /// <summary>One reference to each.</summary>
    public List<Tensor?> Elements { get; }

    /// <summary>Largest length that a push may reach; -1: none.</summary>
    public int MaxElements { get; init; } = -1;

    public bool IsUnique => Volatile.Read(ref _references) == 1;

    public void AddRef() => Interlocked.Increment(ref _references);

    public void Release()
    {
        if (Interlocked.Decrement(ref _references) == 0)
        {
            foreach (Tensor? element in Elements)
            {
                element?.Release();
            }

            Elements.Clear();
        }
    }

    public TensorList Copy()
    {
        var elements = new List<Tensor?>(Elements.Count);
        foreach (Tensor? element in Elements)
        {
            elements.Add(element?.AddRef());
        }

        return new TensorList(ElementType, ElementShape, elements) { MaxElements = MaxElements };
    }
}
