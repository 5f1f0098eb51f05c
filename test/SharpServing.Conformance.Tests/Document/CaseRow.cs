namespace SharpServing.Conformance.Tests.Document;

/// <summary>A case that is a row of a table.</summary>
/// <param name="Id">Such as <c>B002</c>.</param>
/// <param name="Section">Letter or number of the heading above: <c>B</c>, <c>D.1</c>.</param>
/// <param name="Cells">What follows the id, without the blanks around it.</param>
internal sealed record CaseRow(string Id, string Section, string[] Cells);
