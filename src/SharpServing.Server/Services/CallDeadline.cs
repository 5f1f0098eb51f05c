namespace SharpServing.Server.Services;

/// <summary>
/// The deadline of one call: a token that ends with it or with the client. Timer and token source are used again by later calls.
/// </summary>
internal sealed class CallDeadline : IDisposable
{
    [ThreadStatic]
    private static CallDeadline? _idle;

    private readonly CancellationTokenSource _source = new();
    private CancellationTokenRegistration _registration;
    private CancellationToken _client;

    public CancellationToken Token => _source.Token;

    /// <summary>True when the time is over, and not because the client went away.</summary>
    public bool Expired => _source.IsCancellationRequested && !_client.IsCancellationRequested;

    /// <param name="left">Zero or less: expired at once.</param>
    public static CallDeadline Start(TimeSpan left, CancellationToken client)
    {
        CallDeadline deadline = _idle ?? new CallDeadline();
        _idle = null;
        deadline._client = client;
        deadline._registration = client.UnsafeRegister(static state => ((CancellationTokenSource)state!).Cancel(), deadline._source);
        if (left > TimeSpan.Zero)
        {
            deadline._source.CancelAfter(left);
        }
        else
        {
            deadline._source.Cancel();
        }

        return deadline;
    }

    /// <summary>The call has ended. Keeps the object for the next one where its token never fired.</summary>
    public void Dispose()
    {
        _registration.Dispose();
        if (_source.TryReset())
        {
            _client = default;
            _idle = this;
        }
        else
        {
            _source.Dispose();
        }
    }
}
