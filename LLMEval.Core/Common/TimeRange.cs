namespace LLMEval.Core.Common;

/// <summary>A window of time, half-open [From, To), so that neighbouring windows never count a message twice. Either the last <see cref="Last"/> up to now, or fixed ends, each optional.</summary>
public readonly record struct TimeRange(TimeSpan? Last, DateTime? FromUtc, DateTime? ToUtc)
{
    public static TimeRange Everything => default;

    public static TimeRange Of(TimeSpan last) => new(last, null, null);

    /// <summary>Both ends in UTC; an absent beginning is the Unix epoch, an absent end is the year 9999, so that clocks of other machines running ahead hide nothing.</summary>
    public (DateTime From, DateTime To) Resolve(DateTime utcNow) =>
        Last is { } last ? (utcNow - last, utcNow) : (FromUtc ?? DateTime.UnixEpoch, ToUtc ?? FarFuture);

    private static readonly DateTime FarFuture = new(9999, 1, 1, 0, 0, 0, DateTimeKind.Utc);
}
