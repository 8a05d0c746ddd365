using LLMEval.Core.Collecting.Formats;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using LLMEval.Core.Labels;
using LLMEval.Core.Sessions;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Collecting;

/// <param name="Rejections">For each line of the batch why it was not taken, or null.</param>
internal sealed record LabelBatchOutcome(IReadOnlyList<Rejection?> Rejections, int New, int Updated, int Unchanged);

/// <summary>Stores labels batch by batch, or only says what storing would do.</summary>
internal sealed class LabelBatches(IDbContextFactory<LLMEvalDbContext> contexts, TimeProvider clock, Actor actor, IngestMode mode)
{
    // A dry run stores nothing, so it must remember what earlier batches of the same source said.
    private readonly Dictionary<(long, string), string>? _seen = mode == IngestMode.Compare ? [] : null;

    public Task<LabelBatchOutcome> StoreAsync(IReadOnlyList<LabelLine> lines, CancellationToken cancellationToken) => Repeating.Async(async () =>
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var rejections = lines.Select(l => l.Rejection).ToArray();
        var wanted = await WantedAsync(db, lines, rejections, cancellationToken);
        var changes = await ChangesAsync(db, wanted, cancellationToken);
        var changed = changes.Count(c => c.IsNew);
        // No lock for what changes nothing.
        if (mode == IngestMode.Compare || changes.Count == 0)
        {
            return new LabelBatchOutcome(rejections, changed, changes.Count - changed, wanted.Count - changes.Count);
        }
        var (added, updated) = await WriteAsync(db, [.. changes.Select(c => c.Wanted)], cancellationToken);
        return new LabelBatchOutcome(rejections, added, updated, wanted.Count - added - updated);
    });

    /// <summary>The labels that may be stored; of the others the rejection is set.</summary>
    private async Task<List<WantedLabel>> WantedAsync(LLMEvalDbContext db, IReadOnlyList<LabelLine> lines, Rejection?[] rejections, CancellationToken cancellationToken)
    {
        var labels = lines.Select(l => l.Label).OfType<LabelRecord>().Where(l => actor.Sees(l.Message.BizCode)).ToList();
        var messages = await MessagesAsync(db, labels.Select(l => l.Message), cancellationToken);
        var emails = labels.Select(l => l.Annotator.ToUpperInvariant()).Distinct().ToList();
        var accounts = await db.Users.AsNoTracking().Where(u => emails.Contains(u.NormalizedEmail!)).Select(u => new { u.Id, u.NormalizedEmail, u.Email, u.DisplayName }).ToDictionaryAsync(u => u.NormalizedEmail!, cancellationToken);
        var scales = new Dictionary<string, ScoreScale>();
        var wanted = new List<WantedLabel>();
        for (var i = 0; i < lines.Count; i++)
        {
            if (lines[i].Label is not { } label)
            {
                continue;
            }
            var (place, bizCode) = (label.Message, label.Message.BizCode);
            if (!actor.Sees(bizCode))
            {
                rejections[i] = new Rejection(Rejection.OutOfScope, bizCode);
                continue;
            }
            if (!messages.TryGetValue(place, out var message))
            {
                rejections[i] = new Rejection(Rejection.UnknownMessage, place.MessageId, place.SessionId, bizCode);
                continue;
            }
            if (!message.Owner.IsBotMessage)
            {
                rejections[i] = new Rejection(Rejection.NotOfBot, place.MessageId, message.Sender.ToString().ToLowerInvariant());
                continue;
            }
            if (!scales.TryGetValue(bizCode, out var usual))
            {
                scales[bizCode] = usual = await LabelWriting.ScaleOfAsync(db, bizCode, cancellationToken);
            }
            var scale = label.Scale ?? usual;
            var (low, high, _) = scale.Bounds();
            if (label.Score is { } score && !(score >= low && score <= high))
            {
                rejections[i] = new Rejection(Rejection.OffScale, score, low, high, scale.Word());
                continue;
            }
            var account = accounts.GetValueOrDefault(label.Annotator.ToUpperInvariant());
            wanted.Add(new WantedLabel(
                message.Owner, label, scale, account?.Email ?? label.Annotator, account is null ? null : new Annotator(account.Id, account.DisplayName.Length > 0 ? account.DisplayName : account.Email!)));
        }
        return wanted;
    }

    private static async Task<Dictionary<MessagePlace, (MessageOwner Owner, SenderType Sender)>> MessagesAsync(LLMEvalDbContext db, IEnumerable<MessagePlace> places, CancellationToken cancellationToken)
    {
        var found = new Dictionary<MessagePlace, (MessageOwner, SenderType)>();
        foreach (var line in places.GroupBy(p => p.BizCode))
        {
            var (sessionIds, messageIds) = (line.Select(p => p.SessionId).Distinct().ToList(), line.Select(p => p.MessageId).Distinct().ToList());
            var sessions = await db.Sessions.AsNoTracking().Where(s => s.BizCode == line.Key && sessionIds.Contains(s.ExternalId))
                .Select(s => new { s.Id, s.ExternalId }).ToDictionaryAsync(s => s.Id, s => s.ExternalId, cancellationToken);
            var ids = sessions.Keys.ToList();
            // More than was asked for where sessions share message ids; still one question for hundreds of labels.
            foreach (var m in await db.Messages.AsNoTracking().Where(m => ids.Contains(m.SessionId) && messageIds.Contains(m.ExternalId))
                .Select(m => new { m.Id, m.SessionId, m.ExternalId, m.SenderType }).ToListAsync(cancellationToken))
            {
                found[new MessagePlace(line.Key, sessions[m.SessionId], m.ExternalId)] = (new MessageOwner(m.Id, m.SessionId, line.Key, m.SenderType == SenderType.Bot), m.SenderType);
            }
        }
        return found;
    }

    /// <summary>Those that say something else than what is there, in their order.</summary>
    private async Task<List<(WantedLabel Wanted, bool IsNew)>> ChangesAsync(LLMEvalDbContext db, List<WantedLabel> wanted, CancellationToken cancellationToken)
    {
        var there = (await KnownAsync(db, wanted, isTracked: false, cancellationToken)).ToDictionary(k => k.Key, k => PrintOf(LabelContent.Of(k.Value)));
        var changes = new List<(WantedLabel, bool)>();
        foreach (var label in wanted)
        {
            var print = PrintOf(label.Content);
            var before = there.GetValueOrDefault(label.Key);
            if (_seen?.TryGetValue(label.Key, out var seen) == true)
            {
                before = seen;
            }
            if (before != print)
            {
                changes.Add((label, before is null));
            }
            there[label.Key] = print;
            if (_seen is not null)
            {
                _seen[label.Key] = print;
            }
        }
        return changes;
    }

    private async Task<(int Added, int Updated)> WriteAsync(LLMEvalDbContext db, List<WantedLabel> wanted, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        var owners = wanted.Select(w => w.Owner).DistinctBy(o => o.MessageId).ToList();
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await VerdictKeeping.LockAsync(db, owners, now, cancellationToken);
        var known = await KnownAsync(db, wanted, isTracked: true, cancellationToken);
        var externals = await ExternalsAsync(db, wanted.Where(w => w.Account is null && !known.ContainsKey(w.Key)).Select(w => w.AnnotatorName).Distinct().ToList(), cancellationToken);
        var ids = owners.Select(o => o.MessageId).ToList();
        var revisions = await db.LabelRevisions.AsNoTracking().Where(r => ids.Contains(r.MessageId)).GroupBy(r => new { r.MessageId, r.AnnotatorId })
            .Select(g => new { g.Key, Count = g.Count() }).ToDictionaryAsync(g => (g.Key.MessageId, g.Key.AnnotatorId), g => g.Count, cancellationToken);
        var (added, updated) = (0, 0);
        foreach (var label in wanted)
        {
            var old = known.GetValueOrDefault(label.Key);
            if (old is not null && LabelContent.Of(old) == label.Content)
            {
                // Somebody stored the same while we waited.
                continue;
            }
            var annotator = old is not null ? new Annotator(old.AnnotatorId, label.Account?.Name ?? old.AnnotatorName) : label.Account ?? externals[label.AnnotatorName];
            var said = label.Record.LabelledAt ?? now;
            var put = LabelWriting.Put(
                db, label.Owner, old, revisions.GetValueOrDefault((label.Owner.MessageId, annotator.Id)), label.Request, label.Scale, annotator, actor, now, said);
            if (old is null)
            {
                put.CreatedAt = label.Record.CreatedAt ?? said;
                known[label.Key] = put;
                added++;
            }
            else
            {
                updated++;
            }
        }
        await db.SaveChangesAsync(cancellationToken);
        await VerdictKeeping.ResolveAsync(db, ids, now, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return (added, updated);
    }

    /// <summary>The labels of the messages by whose they are, as files name people: an account, an external annotator, or the command line.</summary>
    private static async Task<Dictionary<(long MessageId, string Annotator), Label>> KnownAsync(LLMEvalDbContext db, List<WantedLabel> wanted, bool isTracked, CancellationToken cancellationToken)
    {
        var ids = wanted.Select(w => w.Owner.MessageId).Distinct().ToList();
        var query = db.Labels.Where(l => ids.Contains(l.MessageId)).Include(l => l.Tags).AsSplitQuery();
        var labels = await (isTracked ? query : query.AsNoTracking()).OrderBy(l => l.Id).ToListAsync(cancellationToken);
        var names = await AnnotatorNames.OfAsync(db, labels, cancellationToken);
        var known = new Dictionary<(long, string), Label>();
        foreach (var label in labels)
        {
            known.TryAdd((label.MessageId, names.Of(label)), label);
        }
        return known;
    }

    private static async Task<Dictionary<string, Annotator>> ExternalsAsync(LLMEvalDbContext db, List<string> names, CancellationToken cancellationToken)
    {
        if (names.Count == 0)
        {
            return [];
        }
        var people = await db.ExternalAnnotators.Where(a => names.Contains(a.Name)).ToListAsync(cancellationToken);
        var strangers = names.Except(people.Select(p => p.Name), StringComparer.Ordinal).Select(name => new ExternalAnnotator { Name = name }).ToList();
        db.ExternalAnnotators.AddRange(strangers);
        await db.SaveChangesAsync(cancellationToken);
        return people.Concat(strangers).ToDictionary(p => p.Name, p => new Annotator(-p.Id, p.Name));
    }

    private static string PrintOf(LabelContent content) => Fingerprint.Of(Json.Write(content));

    /// <param name="AnnotatorName">As files name the person.</param>
    /// <param name="Account">Null where the name is no account's.</param>
    private sealed record WantedLabel(MessageOwner Owner, LabelRecord Record, ScoreScale Scale, string AnnotatorName, Annotator? Account)
    {
        public (long, string) Key => (Owner.MessageId, AnnotatorName);

        public LabelRequest Request { get; } = new(Owner.MessageId, Record.Verdict, Record.Score, Record.GroundTruth, Record.Prediction, Record.Tags, Record.Comment);

        public LabelContent Content => LabelContent.Of(Request, Scale);
    }
}
