namespace SharpServing.Server.Hosting;

/// <summary>A whole answer of an <see cref="IPageSource"/>.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="ContentType">Value of the header.</param>
/// <param name="Body">Not compressed.</param>
public readonly record struct Page(int Status, string ContentType, ReadOnlyMemory<byte> Body);
