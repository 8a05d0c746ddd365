using LLMEval.Core.Common;
using LLMEval.Core.Data;
using LLMEval.Core.Labels;
using LLMEval.Core.Sessions;
using MathNet.Numerics.Random;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Demo;

/// <summary>
/// Labels for the demo. The shipped corpus comes with its authors' labels. A file of somebody else's has none, so there the demo judges what can be told for certain: a reply
/// that says an earlier reply of the same session again is bad (repetition), or where there is none, one that is longer than 99 % of the replies; and a seeded draw of the others is taken as it is for ground truth, which the comment says.
/// </summary>
public sealed class DemoLabels(DemoCorpus corpus, LabelMessage labelMessage, IDbContextFactory<LLMEvalDbContext> contexts)
{
    public const string Annotator = "demo";
    private const int MostOfEachKind = 60;
    private const int MostMessagesLookedAt = 20_000;
    private const int ShortestRepeat = 6;
    private const double LongShare = 0.01;
    private const string RepetitionTag = "repetition";
    private const string LengthTag = "too long";

    /// <summary>Labels made; 0 where there were any before.</summary>
    public async Task<int> ApplyAsync(bool isShippedCorpus, Actor actor, IProgress<DemoProgress>? progress, CancellationToken cancellationToken)
    {
        var requests = isShippedCorpus ? await ShippedAsync(cancellationToken) : await FoundAsync(actor, cancellationToken);
        var made = 0;
        foreach (var request in requests)
        {
            // Version 0: an interrupted demo goes on here without touching what it labelled before.
            var result = await labelMessage.ExecuteAsync(request with { ExpectedVersion = 0 }, actor, cancellationToken);
            made += result.IsOk ? 1 : 0;
            progress?.Report(new DemoProgress(DemoStep.Label, made, requests.Count));
        }
        return made;
    }

    private async Task<List<LabelRequest>> ShippedAsync(CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var requests = new List<LabelRequest>();
        await foreach (var label in corpus.ReadLabels(cancellationToken))
        {
            var message = await db.Messages.AsNoTracking()
                .Where(m => m.ExternalId == label.MessageId && m.BizCode == label.BizCode && db.Sessions.Any(s => s.Id == m.SessionId && s.ExternalId == label.SessionId && s.BizCode == label.BizCode))
                .Select(m => new { m.Id, m.Content }).FirstOrDefaultAsync(cancellationToken);
            if (message is not null)
            {
                requests.Add(new LabelRequest(message.Id, label.Verdict, label.Score, label.GroundTruth, message.Content, label.Tags, label.Comment));
            }
        }
        return requests;
    }

    private async Task<List<LabelRequest>> FoundAsync(Actor actor, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var replies = await db.Messages.AsNoTracking().Visible(actor).Where(m => m.SenderType == SenderType.Bot).OrderBy(m => m.Id).Take(MostMessagesLookedAt)
            .Select(m => new { m.Id, m.SessionId, m.Ordinal, m.Preview, m.ContentHash, m.Content.Length }).ToListAsync(cancellationToken);
        var repeats = replies.GroupBy(m => (m.SessionId, m.ContentHash)).SelectMany(g => g.OrderBy(m => m.Ordinal).Skip(1))
            .Where(m => m.Preview.Length >= ShortestRepeat).Select(m => m.Id).Order().Take(MostOfEachKind).ToHashSet();
        var lengthy = repeats.Count > 0 ? [] : replies.Where(m => m.Ordinal > 0).OrderByDescending(m => m.Length).ThenBy(m => m.Id)
            .Take((int)Math.Clamp(Math.Ceiling(replies.Count * LongShare), 1, MostOfEachKind)).Select(m => m.Id).ToHashSet();
        var others = replies.Where(m => m.Ordinal > 0 && m.Preview.Length >= ShortestRepeat && !repeats.Contains(m.Id) && !lengthy.Contains(m.Id)).Select(m => m.Id).ToArray();
        new Xoshiro256StarStar(1).Shuffle(others);
        var chosen = others.Take(MostOfEachKind).ToList();
        var wanted = repeats.Concat(lengthy).Concat(chosen).ToList();
        var contents = await db.Messages.AsNoTracking().Where(m => wanted.Contains(m.Id)).Select(m => new { m.Id, m.Content }).ToDictionaryAsync(m => m.Id, m => m.Content, cancellationToken);
        return
        [
            .. repeats.Select(id => new LabelRequest(id, Verdict.Bad, 2, null, contents[id], [RepetitionTag], "Says an earlier reply of this session again.")),
            .. lengthy.Select(id => new LabelRequest(id, Verdict.Bad, 4, null, contents[id], [LengthTag], "Longer than 99 % of the replies here.")),
            .. chosen.Select(id => new LabelRequest(id, Verdict.Good, null, contents[id], contents[id], null, "Taken as ground truth by the demo, unread.")),
        ];
    }
}
