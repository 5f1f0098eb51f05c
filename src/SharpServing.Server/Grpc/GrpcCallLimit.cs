namespace SharpServing.Server.Grpc;

/// <summary>
/// The quota of threads of gRPC's synchronous server (<c>grpc_max_threads</c>): each call that runs takes one, and one is kept to wait for the
/// next call. A call beyond it is refused at once. Thread-safe.
/// </summary>
internal sealed class GrpcCallLimit
{
    private readonly int _most;
    private int _running;

    /// <param name="threads">1 or more; with 1 no call runs.</param>
    public GrpcCallLimit(int threads) => _most = threads - 1;

    /// <returns>True: the call may run, and then has to <see cref="Leave"/>.</returns>
    public bool TryEnter()
    {
        if (Interlocked.Increment(ref _running) <= _most)
        {
            return true;
        }

        Interlocked.Decrement(ref _running);
        return false;
    }

    public void Leave() => Interlocked.Decrement(ref _running);
}
