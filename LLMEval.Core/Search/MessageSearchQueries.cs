using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using LLMEval.Core.Labels;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Search;

/// <summary>Finds messages, newest first. The index names candidates; they are taken in order of time and each is looked at before it is shown.</summary>
public sealed class MessageSearchQueries(IDbContextFactory<LLMEvalDbContext> contexts, TimeProvider clock)
{
    /// <summary>One page of messages.</summary>
    public async Task<Result<MessageHits>> PageAsync(MessageSearchFilter filter, PageRequest page, Actor actor, CancellationToken cancellationToken)
    {
        if (actor.Lacks(Permissions.SessionsView) is { } refusal)
        {
            return refusal;
        }
        if (new[] { filter.BizCodes.Count, filter.RobotIds.Count, filter.UserIds.Count, filter.Pairs.Count }.Max() is > MessageSearchFilter.MostValues and var values)
        {
            return Failure.Invalid("TooManyValues", null, values, MessageSearchFilter.MostValues);
        }
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        if (await SearchQuestion.OfAsync(db, filter, actor, clock.GetUtcNow().UtcDateTime, cancellationToken) is not { } question)
        {
            return new MessageHits(Nothing, null);
        }
        var stream = await CandidateStream.OpenAsync(db, question, page, cancellationToken);
        var hits = new List<MessageHit>(page.Limit + 1);
        while (hits.Count <= page.Limit && await stream.NextAsync(page.Limit + 1 - hits.Count, cancellationToken) is { } ids)
        {
            var wanted = page.Limit + 1 - hits.Count;
            var found = await LookAsync(db, question, ids, actor, cancellationToken);
            hits.AddRange(ids.Where(found.ContainsKey).Select(id => found[id]).Take(wanted));
        }
        var result = Page.Of(hits, page, hit => Cursor.At(hit.SentAt, hit.Id));
        if (stream.StoppedAt is { } stopped)
        {
            var edge = Cursor.At(stopped.SentAt, stopped.Id);
            result = page.IsBackward ? result with { Previous = edge } : result with { Next = edge };
        }
        var shown = await WithLabelsAsync(db, result.Items, cancellationToken);
        return new MessageHits(result with { Items = [.. shown.Select(h => h with { Snippet = Snippets.Of(h.Content, question.Needle) })] }, stream.StoppedAt?.SentAt);
    }

    /// <summary>Where a session's or a message's id of the source leads; a session's comes first, of messages with the same id the newest.</summary>
    public async Task<FoundId?> FindByIdAsync(string id, Actor actor, CancellationToken cancellationToken)
    {
        var exact = id.Trim();
        if (exact.Length is 0 or > 128 || !actor.May(Permissions.SessionsView))
        {
            return null;
        }
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var codes = await SearchQuestion.CodesAsync(db, actor, cancellationToken);
        var session = await db.Sessions.AsNoTracking().Visible(actor).Where(s => codes.Contains(s.BizCode) && s.ExternalId == exact)
            .OrderByDescending(s => s.Id).Select(s => (long?)s.Id).FirstOrDefaultAsync(cancellationToken);
        if (session is { } key)
        {
            return new FoundId(key, null);
        }
        var messages = await PageAsync(new MessageSearchFilter { MsgId = exact, Match = TextMatch.Exact }, new PageRequest(Take: 1), actor, cancellationToken);
        return messages.Value?.Page.Items is [var hit, ..] ? new FoundId(hit.SessionKey, hit.Id) : null;
    }

    private static Page<MessageHit> Nothing { get; } = new([], null, null);

    private static async Task<Dictionary<long, MessageHit>> LookAsync(LLMEvalDbContext db, SearchQuestion question, IReadOnlyList<long> ids, Actor actor, CancellationToken cancellationToken)
    {
        var rows = question.Labelled(db.Messages.AsNoTracking().Visible(actor).Where(m => ids.Contains(m.Id)), db)
            .Join(db.Sessions.AsNoTracking(), m => m.SessionId, s => s.Id, (m, s) => new MessageHit(
                m.Id, s.Id, m.BizCode, s.ExternalId, m.ExternalId, m.RobotId, s.RobotName, m.UserId, m.SenderType, m.Content, m.SentAt, m.UpdatedAt, m.IsTimeInferred));
        var found = new Dictionary<long, MessageHit>();
        await foreach (var row in rows.AsAsyncEnumerable().WithCancellation(cancellationToken))
        {
            if (question.Accepts(row))
            {
                found.Add(row.Id, row);
            }
        }
        return found;
    }

    private static async Task<IReadOnlyList<MessageHit>> WithLabelsAsync(LLMEvalDbContext db, IReadOnlyList<MessageHit> hits, CancellationToken cancellationToken)
    {
        var ids = hits.Select(h => h.Id).ToList();
        if (ids.Count == 0)
        {
            return hits;
        }
        var counts = (await db.Labels.AsNoTracking().Where(l => ids.Contains(l.MessageId))
            .GroupBy(l => new { l.MessageId, l.Verdict }).Select(g => new { g.Key.MessageId, g.Key.Verdict, Count = g.Count() })
            .ToListAsync(cancellationToken)).ToDictionary(c => (c.MessageId, c.Verdict), c => c.Count);
        return [.. hits.Select(h => h with { GoodCount = counts.GetValueOrDefault((h.Id, Verdict.Good)), BadCount = counts.GetValueOrDefault((h.Id, Verdict.Bad)) })];
    }
}
