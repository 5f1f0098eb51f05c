namespace SharpServing.Runtime.Registry;

/// <summary>Makes the kernel of one node, or throws <see cref="UnsupportedOpException"/> for a dtype or attribute that we do not support.</summary>
public delegate OpKernel KernelFactory(KernelBuilder builder);
