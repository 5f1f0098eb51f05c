using SharpServing.Tensors;

namespace SharpServing.Ops.Lists;

/// <summary>Products of some successive items of one list, kept while a request runs. Not thread-safe, as a request is not.</summary>
internal sealed class ItemProducts : IDisposable
{
    private TensorList? _list;
    private Tensor? _products;
    private int _first;
    private long _count;

    public bool Has(TensorList list, int index) => ReferenceEquals(list, _list) && index >= _first && index < _first + _count;

    /// <summary>The item comes right behind those that are kept.</summary>
    public bool Follows(TensorList list, int index) => ReferenceEquals(list, _list) && index == _first + _count;

    /// <summary>Takes over the reference to <paramref name="products"/>.</summary>
    public void Replace(TensorList list, int first, long count, Tensor products)
    {
        // The reference keeps the list from being changed in place.
        list.AddRef();
        Dispose();
        (_list, _products, _first, _count) = (list, products, first, count);
    }

    /// <summary>One item's product; one reference for the caller.</summary>
    public Tensor Take(int index, in Shape shape) => _products!.Slice((index - _first) * shape.ElementCount, shape);

    public void Dispose()
    {
        _list?.Release();
        _products?.Release();
        _list = null;
        _products = null;
        _count = 0;
    }
}
