namespace SharpServing.Tensors;

/// <summary>A value inside a resource or variant tensor that owns native memory. The tensor releases it when it dies.</summary>
public interface IReferenceCounted
{
    void AddRef();

    void Release();
}
