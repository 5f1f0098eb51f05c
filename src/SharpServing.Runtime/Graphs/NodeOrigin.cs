namespace SharpServing.Runtime.Graphs;

/// <summary>Where errors say that a node comes from.</summary>
/// <param name="Function">The function whose body held it before inlining.</param>
/// <param name="Kept">The innermost call around it that TensorFlow runs as a call; <see langword="null"/>: TensorFlow inlines them all, too.</param>
public sealed record NodeOrigin(string Function, KeptCall? Kept = null);

/// <summary>A call that TensorFlow does not inline. Here it is inlined; only errors tell of it.</summary>
/// <param name="Function">What is called.</param>
/// <param name="ShownAs">Name of what TensorFlow makes of the function for this call.</param>
/// <param name="Node">The calling node, with those that were inlined around it: <c>outer/inner/node</c>.</param>
/// <param name="Around">The next such call.</param>
public sealed record KeptCall(string Function, string ShownAs, string Node, KeptCall? Around);
