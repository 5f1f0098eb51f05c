using SharpServing.Runtime;

namespace SharpServing.Server.Services;

/// <summary>A signature compiled for one choice of outputs.</summary>
/// <param name="Callable">Takes all inputs of the signature in its feed order.</param>
/// <param name="Aliases">The outputs, in the order asked for.</param>
/// <param name="Sources">For each of <paramref name="Aliases"/>, which fetch it is: two aliases may name one tensor.</param>
/// <param name="FetchCount">Different tensors fetched.</param>
internal sealed record PreparedCall(GraphCallable Callable, string[] Aliases, int[] Sources, int FetchCount);
