using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using LLMEval.Core.Statistics;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Labels;

/// <param name="Messages">Messages that got the model's verdict.</param>
/// <param name="Unsure">Of these, those whose verdict is too uncertain and stays disputed.</param>
public sealed record ModelVerdictsReport(int Messages, int Unsure, IReadOnlyList<PersonAccuracy> People);

/// <param name="Accuracy">How likely the person says what is true, 0 to 1.</param>
public sealed record PersonAccuracy(string Name, double Accuracy);

/// <summary>
/// Gives the messages of a queue that nobody settled the verdict of Dawid and Skene's model over all labels of the queue. Only where three people labelled twenty messages each;
/// below that the majority stays. A later label of a message brings its majority back until this is asked again.
/// </summary>
public sealed class ModelVerdicts(IDbContextFactory<LLMEvalDbContext> contexts, TimeProvider clock)
{
    // Below these the majority is as good, and steadier (handbook 9).
    private const int LeastPeople = 3;
    private const int LeastLabelsEach = 20;
    private const int Chunk = 500;
    private static readonly string[] Classes = [nameof(Verdict.Good), nameof(Verdict.Bad)];

    public async Task<Result<ModelVerdictsReport>> ExecuteAsync(long queueId, Actor actor, CancellationToken cancellationToken)
    {
        if (actor.Lacks(Permissions.LabelsManage) is { } forbidden)
        {
            return forbidden;
        }
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        if (!await db.VisibleQueues(actor).AnyAsync(q => q.Id == queueId, cancellationToken))
        {
            return Failure.NotFound("QueueNotFound");
        }
        return await ApplyAsync(queueId, actor, cancellationToken);
    }

    /// <summary>Without asking who may: the label that completes a queue calls for it too.</summary>
    internal async Task<Result<ModelVerdictsReport>> ApplyAsync(long queueId, Actor actor, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        // At most ten thousand messages times ten people: ids and verdicts only.
        var labels = await db.Labels.AsNoTracking().Where(l => db.QueueSlots.Any(s => s.QueueId == queueId && s.MessageId == l.MessageId && s.AnnotatorId == l.AnnotatorId && s.State == SlotState.Done))
            .Select(l => new { l.MessageId, l.AnnotatorId, l.AnnotatorName, l.Verdict }).ToListAsync(cancellationToken);
        var people = labels.GroupBy(l => l.AnnotatorId).Select(g => (g.Key, g.Last().AnnotatorName, Count: g.Count())).ToList();
        if (people.Count < LeastPeople || people.Exists(p => p.Count < LeastLabelsEach))
        {
            return Failure.Invalid("TooFewForModel", null, LeastPeople, LeastLabelsEach);
        }
        var model = Aggregation.DawidSkene(labels.ConvertAll(l => new Vote(Key(l.MessageId), Key(l.AnnotatorId), l.Verdict.ToString())), Classes);
        var consensus = model.Items.ToDictionary(i => i.Item);
        var now = clock.GetUtcNow().UtcDateTime;
        var (given, unsure) = (0, 0);
        foreach (var ids in labels.Select(l => l.MessageId).Distinct().Order().Chunk(Chunk))
        {
            await Repeating.Async(async () =>
            {
                await using var write = await contexts.CreateDbContextAsync(cancellationToken);
                await using var transaction = await write.Database.BeginTransactionAsync(cancellationToken);
                var (some, few) = (0, 0);
                foreach (var row in await write.MessageVerdicts.Where(v => ids.Contains(v.MessageId) && v.SettledAt == null).ToListAsync(cancellationToken))
                {
                    var found = consensus[Key(row.MessageId)];
                    (row.Verdict, row.Source, row.Confidence, row.ChangedAt) = (Enum.Parse<Verdict>(found.Label), VerdictSource.Model, found.Posterior.Max(), now);
                    row.IsDisputed = found.Adjudicate;
                    some++;
                    few += row.IsDisputed ? 1 : 0;
                }
                await write.SaveChangesAsync(cancellationToken);
                await transaction.CommitAsync(cancellationToken);
                (given, unsure) = (given + some, unsure + few);
                return some;
            });
        }
        db.AuditEntries.Add(AuditEntry.Of(actor, now, "queue.model", "queue", queueId, new { given, unsure }));
        await db.SaveChangesAsync(cancellationToken);
        var accuracy = model.Annotators.Where(a => a.Accuracy is not null).ToDictionary(a => a.Name, a => a.Accuracy!.Value);
        return new ModelVerdictsReport(given, unsure, [.. people.Where(p => accuracy.ContainsKey(Key(p.Key))).Select(p => new PersonAccuracy(p.AnnotatorName, accuracy[Key(p.Key)])).OrderBy(p => p.Name, StringComparer.Ordinal)]);
    }

    private static string Key(long id) => id.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
