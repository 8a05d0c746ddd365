using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace LLMEval.Core.Sessions;

/// <summary>When conversations are said to have begun whose source gives no time at all: at <see cref="AssumeStart"/>, or spread over <see cref="SpreadDays"/> from there (or up to now), or at the import.</summary>
public sealed record TimeChoice(DateTime? AssumeStart = null, int? SpreadDays = null)
{
    public static TimeChoice Import { get; } = new();

    public bool IsGiven => AssumeStart is not null || SpreadDays is not null;

    /// <summary>Part of the fingerprint of sessions that it applies to, so that importing them again with another choice moves them.</summary>
    internal string Key => string.Create(CultureInfo.InvariantCulture, $"{AssumeStart:O}/{SpreadDays}");

    /// <summary>A session's place in the spread is a hash of its id: the same in every import, and even over many sessions.</summary>
    internal DateTime? StartOf(SessionRecord session, DateTime now)
    {
        if (SpreadDays is not { } days)
        {
            return AssumeStart;
        }
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(session.BizCode + '\u001f' + session.SessionId));
        var share = BinaryPrimitives.ReadUInt32BigEndian(hash) / (uint.MaxValue + 1.0);
        var length = TimeSpan.FromSeconds(session.Messages.Count);
        var window = TimeSpan.FromDays(days);
        var from = AssumeStart ?? now - window - length;
        return from + TimeSpan.FromSeconds(Math.Floor(share * window.TotalSeconds));
    }
}

/// <summary>Gives every message a time such that the order of the source is kept. Messages that have one keep it.</summary>
internal static class SentTimes
{
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(1);

    /// <summary>True when no time of the source says when the conversation was.</summary>
    public static bool AreUnknown(SessionRecord session) => session.StartedAt is null && session.Messages.All(m => m.SentAt is null);

    /// <summary>
    /// Untimed messages follow the one before by one second, or by less where the next timed message comes sooner. Before the first timed one they begin at
    /// <paramref name="start"/>. With no time at all and no start, the last message falls on <paramref name="now"/>, so that nothing lies in the future.
    /// </summary>
    public static DateTime[] Of(IReadOnlyList<MessageRecord> messages, DateTime? start, DateTime now)
    {
        var times = new DateTime[messages.Count];
        for (var i = 0; i < messages.Count;)
        {
            if (messages[i].SentAt is { } known)
            {
                times[i++] = known;
                continue;
            }
            var end = i;
            while (end < messages.Count && messages[end].SentAt is null)
            {
                end++;
            }
            DateTime? before = i > 0 ? times[i - 1] : null;
            DateTime? after = end < messages.Count ? messages[end].SentAt : null;
            Fill(times.AsSpan(i, end - i), before, after, start, now);
            i = end;
        }
        return times;
    }

    private static void Fill(Span<DateTime> run, DateTime? before, DateTime? after, DateTime? start, DateTime now)
    {
        DateTime first;
        var step = Step;
        if (before is { } previous)
        {
            step = after > previous ? Shorter((after.Value - previous) / (run.Length + 1)) : Step;
            first = previous + step;
        }
        else if (after is { } next)
        {
            first = start < next ? start.Value : next - (Step * run.Length);
            step = Shorter((next - first) / run.Length);
        }
        else
        {
            first = start ?? now - (Step * (run.Length - 1));
        }
        for (var i = 0; i < run.Length; i++)
        {
            run[i] = first + (step * i);
        }
    }

    // Both databases keep microseconds.
    private static TimeSpan Shorter(TimeSpan gap)
    {
        var whole = TimeSpan.FromTicks(gap.Ticks - (gap.Ticks % TimeSpan.TicksPerMicrosecond));
        return whole < Step ? whole : Step;
    }
}
