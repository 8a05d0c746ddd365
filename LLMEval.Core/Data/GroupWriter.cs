using System.Threading.Channels;

namespace LLMEval.Core.Data;

/// <summary>Collects small results of concurrent work and commits them together: what arrives within a window, or so many, whichever is first. Durability then costs a commit per group, not per result.</summary>
/// <remarks>When a commit fails, adding fails too, and <see cref="CompleteAsync"/> throws what it was.</remarks>
internal sealed class GroupWriter<T> : IAsyncDisposable
{
    private readonly Channel<T> _channel;
    private readonly Func<IReadOnlyList<T>, Task> _commit;
    private readonly int _rows;
    private readonly TimeSpan _window;
    private readonly TimeProvider _clock;
    private readonly Task _loop;

    public GroupWriter(Func<IReadOnlyList<T>, Task> commit, int rows, TimeSpan window, TimeProvider clock)
    {
        _channel = Channel.CreateBounded<T>(new BoundedChannelOptions(rows * 4) { SingleReader = true });
        _commit = commit;
        _rows = rows;
        _window = window;
        _clock = clock;
        _loop = Task.Run(LoopAsync);
    }

    public ValueTask AddAsync(T item, CancellationToken cancellationToken) => _channel.Writer.WriteAsync(item, cancellationToken);

    /// <summary>Commits all that was added, then ends.</summary>
    public Task CompleteAsync()
    {
        _channel.Writer.TryComplete();
        return _loop;
    }

    public async ValueTask DisposeAsync()
    {
        _channel.Writer.TryComplete();
        // Whoever wants the failure calls CompleteAsync; a second exception here would hide the first.
        await ((Task)_loop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task LoopAsync()
    {
        try
        {
            var group = new List<T>(_rows);
            var more = _channel.Reader.WaitToReadAsync().AsTask();
            while (await more)
            {
                more = await FillAsync(group);
                await _commit(group);
                group.Clear();
            }
        }
        catch (Exception e)
        {
            // Those who add must learn that nobody stores their results any more.
            _channel.Writer.TryComplete(e);
            throw;
        }
    }

    private async Task<Task<bool>> FillAsync(List<T> group)
    {
        using var end = new CancellationTokenSource();
        var window = Task.Delay(_window, _clock, end.Token);
        while (true)
        {
            while (group.Count < _rows && _channel.Reader.TryRead(out var item))
            {
                group.Add(item);
            }
            var more = _channel.Reader.WaitToReadAsync().AsTask();
            if (group.Count >= _rows || await Task.WhenAny(more, window) == window || !await more)
            {
                await end.CancelAsync();
                return more;
            }
        }
    }
}
