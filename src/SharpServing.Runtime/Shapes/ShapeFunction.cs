namespace SharpServing.Runtime.Shapes;

/// <summary>
/// Says what is known of an op's outputs before it runs. What it says must hold in every run in which the node gives an answer; where
/// inputs contradict each other it says nothing, and the run refuses them. A <see cref="StatusException"/> counts as nothing said.
/// </summary>
public delegate void ShapeFunction(ShapeContext context);
