using SharpServing.Runtime.Import;
using SharpServing.Runtime.Planning;
using SharpServing.Runtime.Registry;
using SharpServing.Runtime.Resources;

namespace SharpServing.Runtime.Passes;

/// <summary>What passes may use beside the graph.</summary>
internal sealed record PassContext(OpRegistry Registry, FunctionLibrary Library, GraphImporter Importer, SessionState Session, FunctionCompiler Functions);
