using System.Collections.Concurrent;
using LLMEval.Core.Common;
using MathNet.Numerics.Random;
using Microsoft.Extensions.Options;

namespace LLMEval.Core.Targets;

public sealed class ThrottleOptions
{
    public const string Section = "Runs";

    /// <summary>Tries of one question, the first included.</summary>
    public int MaxAttempts { get; set; } = 3;

    /// <summary>Wait before the second try; doubled for each further one.</summary>
    public TimeSpan FirstWait { get; set; } = TimeSpan.FromSeconds(1);

    public TimeSpan LongestWait { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>An endpoint that asks for more patience than this is taken at its word and not asked again.</summary>
    public TimeSpan LongestRetryAfter { get; set; } = TimeSpan.FromMinutes(2);
}

/// <summary>One try: the reply, and what may be done about it.</summary>
public sealed record Attempt(TargetReply Reply, bool IsWorthRetrying, TimeSpan? RetryAfter);

/// <summary>The only one that repeats questions and bounds how many are asked at once, so that attempts are counted once. Within one process; several app nodes each have their own bound.</summary>
public sealed class TargetThrottle(IOptions<ThrottleOptions> options, TimeProvider clock)
{
    private readonly ConcurrentDictionary<long, SemaphoreSlim> _gates = new();

    /// <param name="seed">Of the question: its waits are drawn from it, so that a run can be repeated.</param>
    public async Task<TargetReply> RunAsync(TargetSnapshot target, int seed, Func<CancellationToken, Task<Attempt>> ask, CancellationToken cancellationToken)
    {
        var put = clock.GetTimestamp();
        // A version's bound never changes: versions are immutable.
        var gate = _gates.GetOrAdd(target.TargetVersionId, _ => new SemaphoreSlim(Math.Max(1, target.MaxParallel)));
        await gate.WaitAsync(cancellationToken);
        try
        {
            var jitter = new Xoshiro256StarStar(seed);
            var trace = new List<AttemptTrace>();
            for (var number = 1; ; number++)
            {
                var started = Milliseconds(put);
                var attempt = await ask(cancellationToken);
                var (reply, ended) = (attempt.Reply, Milliseconds(put));
                trace.Add(new AttemptTrace(number, started, ended - started, reply.Status, reply.ErrorType, reply.ErrorDetail is { } detail ? Preview.Of(detail) : null));
                if (!attempt.IsWorthRetrying || number >= options.Value.MaxAttempts || Wait(number, attempt.RetryAfter, jitter) is not { } wait)
                {
                    return reply with { Attempts = number, Trace = trace };
                }
                // The place is kept while waiting: an endpoint that is overloaded should be asked less.
                await Task.Delay(wait, clock, cancellationToken);
            }
        }
        finally
        {
            gate.Release();
        }
    }

    private int Milliseconds(long since) => (int)Math.Min(int.MaxValue, clock.GetElapsedTime(since).TotalMilliseconds);

    private TimeSpan? Wait(int number, TimeSpan? retryAfter, Xoshiro256StarStar jitter)
    {
        var draw = jitter.NextDouble();
        if (retryAfter is { } asked)
        {
            // A little later than asked for, so that questions refused together do not come back together.
            return asked > options.Value.LongestRetryAfter ? null : asked + TimeSpan.FromMilliseconds(250 * draw);
        }
        var exponential = options.Value.FirstWait * Math.Pow(2, number - 1);
        return TimeSpan.FromTicks(Math.Min(exponential.Ticks, options.Value.LongestWait.Ticks)) * (0.5 + draw / 2);
    }
}
