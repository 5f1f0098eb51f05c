namespace SharpServing.Serving;

/// <summary>Repeats what may fail for a while, with the original's log lines.</summary>
internal static class Retrier
{
    /// <param name="what">As the log names it: <c>Loading servable: {name: m version: 1}</c>.</param>
    /// <param name="maxRetries">Attempts after the first; negative counts as 0.</param>
    /// <param name="interval">Pause between attempts; zero or negative is none.</param>
    /// <param name="attempt">The thing to do.</param>
    /// <param name="time">Clock of the pause.</param>
    /// <param name="log">Where the lines go.</param>
    /// <param name="cancellation">Ends the pause and the attempts after the current one.</param>
    /// <returns>The status of the last attempt.</returns>
    public static ServingStatus Run(
        string what, long maxRetries, TimeSpan interval, Func<ServingStatus> attempt, TimeProvider time, ServingLog log, CancellationToken cancellation)
    {
        long tries = 0;
        while (true)
        {
            ServingStatus status = attempt();
            tries++;
            if (!status.IsOk)
            {
                log.AttemptFailed(what, status);
            }

            if (!status.IsOk && tries <= maxRetries && !cancellation.IsCancellationRequested)
            {
                Pause(interval, time, cancellation);
                if (!cancellation.IsCancellationRequested)
                {
                    log.Retrying(what, tries);
                    continue;
                }
            }

            if (cancellation.IsCancellationRequested)
            {
                log.RetryCancelled(what);
            }

            if (tries == maxRetries + 1)
            {
                log.RetriesExhausted(what, maxRetries);
            }

            return status;
        }
    }

    private static void Pause(TimeSpan interval, TimeProvider time, CancellationToken cancellation)
    {
        if (interval <= TimeSpan.Zero)
        {
            return;
        }

        using var wakeUp = new WakeUp(time);
        using CancellationTokenRegistration registration = cancellation.UnsafeRegister(static state => ((WakeUp)state!).Set(), wakeUp);
        wakeUp.Wait(interval);
    }
}
