using System.Collections.Concurrent;
using System.Diagnostics;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;

namespace SharpServing.Server.Hosting.Epoll;

/// <summary>
/// A thread that waits for the sockets of its connections and lets them work on itself. In turns: (1) what the kernel tells, (2) what
/// other threads left here, so that answers which come while it works are sent together. Whatever may take long must leave this thread
/// first (<see cref="IsCurrent"/>).
/// </summary>
internal sealed partial class EpollLoop : PipeScheduler, IDisposable
{
    private const int MaxEvents = 64;

    /// <summary>Of the event that wakes the loop; no connection has it.</summary>
    private const ulong WakeKey = ulong.MaxValue;

    /// <summary>
    /// After work the loop looks for more for 50 µs before it sleeps, and gives the core up to others meanwhile: a core that sleeps takes
    /// longer to wake than a small call takes.
    /// </summary>
    private static readonly long SpinTicks = Environment.ProcessorCount > 1 ? Stopwatch.Frequency / 20_000 : 0;

    [ThreadStatic]
    private static bool _isCurrent;

    private readonly Lock _gate = new();
    private readonly ConcurrentQueue<Work> _posted = new();
    private readonly Stack<int> _freeSlots = new();
    private readonly ILogger _log;
    private readonly int _epoll;
    private readonly int _wake;
    private readonly Thread _thread;
    private Slot[] _slots = [];
    private bool _isEnded;
    private volatile bool _isStopping;

    /// <summary>Nobody looks at <see cref="_posted"/> until the loop is woken.</summary>
    private volatile bool _isAsleep;

    public EpollLoop(int number, ILogger log)
    {
        _log = log;
        _epoll = Check(EpollNative.Create(EpollNative.CloseOnExec));
        _wake = Check(EpollNative.CreateEvent(0, EpollNative.CloseOnExec | EpollNative.NonBlocking));
        Watch(_wake, EpollNative.In | EpollNative.EdgeTriggered, WakeKey);
        _thread = new Thread(Run) { IsBackground = true, Name = $"Connections {number}" };
        _thread.Start();
    }

    /// <summary>True on the thread of a loop: what blocks here, blocks other connections.</summary>
    public static bool IsCurrent => _isCurrent;

    /// <summary>The connection hears of its socket from now on, on this loop's thread.</summary>
    public void Add(EpollConnection connection, int socket)
    {
        lock (_gate)
        {
            if (!_freeSlots.TryPop(out int slot))
            {
                slot = _slots.Length;
                Array.Resize(ref _slots, Math.Max(16, slot * 2));
                for (int i = _slots.Length - 1; i > slot; i--)
                {
                    _freeSlots.Push(i);
                }
            }

            _slots[slot].Connection = connection;
            connection.LoopKey = ((ulong)_slots[slot].Generation << 32) | (uint)slot;
        }

        Watch(socket, EpollNative.In | EpollNative.Out | EpollNative.PeerClosed | EpollNative.EdgeTriggered, connection.LoopKey);
    }

    /// <summary>Once, before the socket is closed; closing takes it out of the kernel's list.</summary>
    public void Remove(EpollConnection connection)
    {
        int slot = (int)(uint)connection.LoopKey;
        lock (_gate)
        {
            _slots[slot].Connection = null;
            _slots[slot].Generation++;
            _freeSlots.Push(slot);
        }
    }

    /// <summary>Runs the action on this loop after its current turn; on the caller's thread where the loop sleeps.</summary>
    public override void Schedule(Action<object?> action, object? state)
    {
        if (_isAsleep)
        {
            action(state);
            return;
        }

        Post(action, state);
    }

    /// <summary>Runs the action on this loop after its current turn.</summary>
    public void Post(Action<object?> action, object? state)
    {
        _posted.Enqueue(new Work(action, state));

        // The loop sets its flag first and looks at the queue then: one of the two sees the other's write.
        Interlocked.MemoryBarrier();
        if (_isAsleep)
        {
            Wake();
        }
    }

    /// <summary>Ends the thread. The connections are gone.</summary>
    public void Dispose()
    {
        _isStopping = true;
        Wake();
        if (!_isCurrent)
        {
            _thread.Join();
        }
    }

    private static int Check(int result) =>
        result >= 0 ? result : throw new IOException($"epoll failed with error {Marshal.GetLastPInvokeError()}");

    private unsafe void Wake()
    {
        ulong one = 1;
        lock (_gate)
        {
            if (!_isEnded)
            {
                EpollNative.Write(_wake, &one, sizeof(ulong));
            }
        }
    }

    private unsafe void Watch(int file, uint events, ulong key)
    {
        byte* @event = stackalloc byte[EpollNative.EventBytes];
        Unsafe.WriteUnaligned(@event, events);
        Unsafe.WriteUnaligned(@event + EpollNative.DataOffset, key);
        Check(EpollNative.Control(_epoll, EpollNative.Add, file, @event));
    }

    private unsafe void Run()
    {
        _isCurrent = true;
        byte* events = stackalloc byte[EpollNative.EventBytes * MaxEvents];
        while (!_isStopping)
        {
            int count = WaitForEvents(events);
            for (int i = 0; i < count; i++)
            {
                byte* @event = events + i * EpollNative.EventBytes;
                ulong key = Unsafe.ReadUnaligned<ulong>(@event + EpollNative.DataOffset);
                if (key != WakeKey)
                {
                    Tell(key, Unsafe.ReadUnaligned<uint>(@event));
                }
            }

            RunPosted();
        }

        lock (_gate)
        {
            _isEnded = true;
            EpollNative.Close(_epoll);
            EpollNative.Close(_wake);
        }

        // Whoever still schedules runs it itself.
        _isAsleep = true;
        RunPosted();
    }

    private unsafe int WaitForEvents(byte* events)
    {
        int count = EpollNative.Wait(_epoll, events, MaxEvents, 0);
        if (count == 0)
        {
            long end = Stopwatch.GetTimestamp() + SpinTicks;
            while (count == 0 && _posted.IsEmpty && Stopwatch.GetTimestamp() < end)
            {
                Thread.Yield();
                count = EpollNative.Wait(_epoll, events, MaxEvents, 0);
            }

            if (count == 0 && _posted.IsEmpty)
            {
                _isAsleep = true;
                Interlocked.MemoryBarrier();
                count = _posted.IsEmpty ? EpollNative.Wait(_epoll, events, MaxEvents, -1) : 0;
                _isAsleep = false;
            }
        }

        return count < 0 && Marshal.GetLastPInvokeError() == EpollNative.Interrupted ? 0 : Check(count);
    }

    private void Tell(ulong key, uint events)
    {
        EpollConnection? connection;
        lock (_gate)
        {
            ref Slot slot = ref _slots[(int)(uint)key];
            connection = slot.Generation == (uint)(key >> 32) ? slot.Connection : null;
        }

        try
        {
            connection?.OnReady(events);
        }
        catch (Exception e)
        {
            LogFailure(e);
        }
    }

    /// <summary>What is there now: what comes meanwhile waits until the sockets were looked at again.</summary>
    private void RunPosted()
    {
        for (int left = _posted.Count; left > 0 && _posted.TryDequeue(out Work work); left--)
        {
            try
            {
                work.Action(work.State);
            }
            catch (Exception e)
            {
                LogFailure(e);
            }
        }
    }

    [LoggerMessage(LogLevel.Error, "A connection failed inside the server")]
    private partial void LogFailure(Exception exception);

    private readonly record struct Work(Action<object?> Action, object? State);

    /// <summary>Place of one connection; an event of the one before it has another generation.</summary>
    private struct Slot
    {
        public EpollConnection? Connection;
        public uint Generation;
    }
}
