using LLMEval.Core.Targets.Clients;
using Microsoft.Extensions.AI;

namespace LLMEval.Core.Targets;

/// <summary>A client with the way it wants to be told parameters, and what must never be written down of its traffic.</summary>
/// <param name="OptionsOf">Options of one question.</param>
/// <param name="Secret">Blotted out of everything that is kept.</param>
public sealed record Connection(IChatClient Client, Func<Transcript, ChatOptions> OptionsOf, string? Secret);

/// <summary>Asks a model through an <see cref="IChatClient"/>; tries and waits belong to the throttle.</summary>
public sealed class ModelTarget(TargetSnapshot snapshot, Func<CancellationToken, Task<Connection>> connect, TargetThrottle throttle, TimeProvider clock) : IChatTarget, IDisposable
{
    private const int MaxDetail = 2000;
    private readonly SemaphoreSlim _connecting = new(1, 1);
    private Connection? _connection;

    public TargetSnapshot Snapshot => snapshot;

    public Task<TargetReply> AskAsync(Transcript transcript, CancellationToken cancellationToken) =>
        throttle.RunAsync(snapshot, transcript.Seed ?? 0, token => TryAsync(transcript, token), cancellationToken);

    public void Dispose()
    {
        _connection?.Client.Dispose();
        _connecting.Dispose();
    }

    private async Task<Attempt> TryAsync(Transcript transcript, CancellationToken cancellationToken)
    {
        var limit = TimeSpan.FromSeconds(snapshot.TimeoutSeconds);
        var exchange = HttpRecorder.Begin();
        var startedAt = clock.GetTimestamp();
        using var deadline = new CancellationTokenSource(limit, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        Fault fault;
        try
        {
            var connection = await ConnectAsync(either.Token);
            var response = await connection.Client.GetResponseAsync(transcript.Messages, connection.OptionsOf(transcript), either.Token);
            return new Attempt(Read(response, exchange, clock.GetElapsedTime(startedAt)), false, null);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            fault = ErrorClassifier.TimedOut(limit);
        }
        catch (Exception e) when (e is not OperationCanceledException && ErrorClassifier.Of(e, exchange) is not null)
        {
            fault = ErrorClassifier.Of(e, exchange)!;
        }
        var reply = new TargetReply(fault.Status, null, null, null, clock.GetElapsedTime(startedAt), 1, fault.ErrorType, Shorten(Blot(fault.Detail)), Blot(exchange.RequestJson), Blot(exchange.ResponseJson));
        return new Attempt(reply, fault.IsWorthRetrying, exchange.RetryAfter(clock.GetUtcNow()));
    }

    private TargetReply Read(ChatResponse response, HttpExchange exchange, TimeSpan duration)
    {
        var isFiltered = response.FinishReason == ChatFinishReason.ContentFilter;
        return new TargetReply(
            isFiltered ? ReplyStatus.Filtered : ReplyStatus.Answered, response.Text, response.ModelId, response.Usage, duration, 1,
            isFiltered ? "content_filter" : null, null, Blot(exchange.RequestJson), Blot(exchange.ResponseJson));
    }

    private async Task<Connection> ConnectAsync(CancellationToken cancellationToken)
    {
        if (_connection is not null)
        {
            return _connection;
        }
        await _connecting.WaitAsync(cancellationToken);
        try
        {
            return _connection ??= await connect(cancellationToken);
        }
        finally
        {
            _connecting.Release();
        }
    }

    // Some endpoints repeat the key in their refusal.
    private string? Blot(string? text) => _connection?.Secret is { Length: >= 6 } secret ? text?.Replace(secret, "***", StringComparison.Ordinal) : text;

    private static string? Shorten(string? text)
    {
        if (text is null || text.Length <= MaxDetail)
        {
            return text;
        }
        return text[..(char.IsHighSurrogate(text[MaxDetail - 1]) ? MaxDetail - 1 : MaxDetail)];
    }
}
