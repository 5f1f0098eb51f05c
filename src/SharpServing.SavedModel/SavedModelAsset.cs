namespace SharpServing.SavedModel;

/// <summary>A file of a SavedModel that the graph reads by name.</summary>
/// <param name="TensorName">The scalar string tensor that is fed, <c>node:0</c>, while variables are restored and the init op runs.</param>
/// <param name="Path">Its value: the file's full path. The file need not exist.</param>
public sealed record SavedModelAsset(string TensorName, string Path);
