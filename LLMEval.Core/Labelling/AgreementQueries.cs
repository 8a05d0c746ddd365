using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using LLMEval.Core.Labels;
using LLMEval.Core.Statistics;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Labelling;

/// <param name="QueueId">Only labels that filled a slot of the queue.</param>
/// <param name="Tag">An issue that somebody labelled the message with, or a tag of its session.</param>
public sealed record AgreementFilter(long? QueueId = null, string? RobotId = null, string? Tag = null);

/// <param name="Labels">On messages that somebody else labelled too.</param>
public sealed record AgreementPerson(long Id, string Name, int Labels);

/// <summary>Two people: how often each said good (row: the first) where the other said what (column: the second).</summary>
public sealed record PairAgreement(AgreementPerson First, AgreementPerson Second, int GoodGood, int GoodBad, int BadGood, int BadBad, Kappa Kappa)
{
    public int Common => GoodGood + GoodBad + BadGood + BadBad;
}

public sealed record GroupAgreement(string Name, AgreementReport Verdicts);

/// <param name="Messages">With labels of two people or more; the latest <see cref="AgreementQueries.MostMessages"/> where <paramref name="IsCut"/>.</param>
/// <param name="Scores">Of scores as shares of their scale, for ordinal and interval alpha; AC and kappa mean nothing there.</param>
public sealed record AgreementDetail(
    int Messages, bool IsCut, IReadOnlyList<AgreementPerson> People, AgreementReport Verdicts, AgreementReport Scores, IReadOnlyList<PairAgreement> Pairs, IReadOnlyList<GroupAgreement> ByBot, IReadOnlyList<GroupAgreement> ByTag);

public sealed record DisagreementRow(long MessageId, long SessionId, string BizCode, string RobotId, string Preview, double? FirstScore, double? SecondScore, string? FirstComment, string? SecondComment);

/// <summary>How far people agree. Reads the labels of at most <see cref="MostMessages"/> messages, a thousand at a time, and keeps of each only who said what.</summary>
public sealed class AgreementQueries(IDbContextFactory<LLMEvalDbContext> contexts)
{
    public const int MostMessages = 20_000;
    public const int MostPeopleInPairs = 10;
    public const int MostGroups = 30;
    private const int Chunk = 1000;
    private static readonly string[] Verdicts = [nameof(Verdict.Good), nameof(Verdict.Bad)];

    public async Task<AgreementDetail?> DetailAsync(AgreementFilter filter, Actor actor, CancellationToken cancellationToken)
    {
        if (!actor.May(Permissions.LabelsAdjudicate))
        {
            return null;
        }
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        if (filter.QueueId is { } queueId && !await db.VisibleQueues(actor).AnyAsync(q => q.Id == queueId, cancellationToken))
        {
            return null;
        }
        var ids = await Messages(db, filter, actor).OrderByDescending(id => id).Take(MostMessages + 1).ToListAsync(cancellationToken);
        var isCut = ids.Count > MostMessages;
        var messages = new List<Rated>();
        foreach (var chunk in ids.Take(MostMessages).Chunk(Chunk))
        {
            messages.AddRange(await RatedAsync(db, chunk, filter.QueueId, cancellationToken));
        }
        messages.RemoveAll(m => m.Ratings.Count < 2);
        var people = messages.SelectMany(m => m.Ratings).GroupBy(r => r.AnnotatorId).Select(g => new AgreementPerson(g.Key, g.Last().Name, g.Count())).OrderByDescending(p => p.Labels).ThenBy(p => p.Id).ToList();
        return new AgreementDetail(
            messages.Count, isCut, people, OfVerdicts(messages), OfScores(messages), Pairs(messages, [.. people.Take(MostPeopleInPairs)]),
            Groups(messages.GroupBy(m => m.RobotId)), Groups(messages.SelectMany(m => m.Tags.Select(t => (Tag: t, Message: m))).GroupBy(t => t.Tag, t => t.Message)));
    }

    /// <summary>The messages of one cell of two people's confusion matrix, newest first.</summary>
    public async Task<Page<DisagreementRow>> CellAsync(AgreementFilter filter, long first, Verdict firstSaid, long second, Verdict secondSaid, PageRequest page, Actor actor, CancellationToken cancellationToken)
    {
        if (!actor.May(Permissions.LabelsAdjudicate))
        {
            return Page<DisagreementRow>.Empty;
        }
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var matching = Messages(db, filter, actor);
        var both = db.Labels.AsNoTracking().Where(a => a.AnnotatorId == first && a.Verdict == firstSaid)
            .Join(db.Labels.Where(b => b.AnnotatorId == second && b.Verdict == secondSaid), a => a.MessageId, b => b.MessageId, (a, b) => new { a.MessageId, A = a, B = b })
            .Where(x => matching.Contains(x.MessageId));
        if (filter.QueueId is { } queueId)
        {
            both = both.Where(x => db.QueueSlots.Any(s => s.QueueId == queueId && s.MessageId == x.MessageId && s.AnnotatorId == first && s.State == SlotState.Done)
                && db.QueueSlots.Any(s => s.QueueId == queueId && s.MessageId == x.MessageId && s.AnnotatorId == second && s.State == SlotState.Done));
        }
        var total = await both.Take(Page.CountCap + 1).CountAsync(cancellationToken);
        if ((page.Before ?? page.After) is { Id: var id })
        {
            both = page.IsBackward ? both.Where(x => x.MessageId > id) : both.Where(x => x.MessageId < id);
        }
        var ordered = page.IsBackward ? both.OrderBy(x => x.MessageId) : both.OrderByDescending(x => x.MessageId);
        var read = await ordered.Take(page.Limit + 1).Join(db.Messages, x => x.MessageId, m => m.Id, (x, m) => new DisagreementRow(
            m.Id, m.SessionId, m.BizCode, m.RobotId, m.Preview, x.A.Score, x.B.Score, x.A.Comment, x.B.Comment)).ToListAsync(cancellationToken);
        return Page.Of([.. page.IsBackward ? read.OrderBy(r => r.MessageId) : read.OrderByDescending(r => r.MessageId)], page, row => Cursor.At(row.MessageId, row.MessageId), total);
    }

    /// <summary>Ids of messages that two people or more labelled.</summary>
    private static IQueryable<long> Messages(LLMEvalDbContext db, AgreementFilter filter, Actor actor)
    {
        var verdicts = db.MessageVerdicts.AsNoTracking().Visible(actor).Where(v => v.GoodCount + v.BadCount > 1);
        if (filter.QueueId is { } queueId)
        {
            verdicts = verdicts.Where(v => db.QueueItems.Any(i => i.QueueId == queueId && i.MessageId == v.MessageId));
        }
        if (filter.RobotId is { } robot)
        {
            verdicts = verdicts.Where(v => db.Messages.Any(m => m.Id == v.MessageId && m.RobotId == robot));
        }
        if (filter.Tag is { } tag)
        {
            verdicts = verdicts.Where(v => db.SessionTags.Any(t => t.SessionId == v.SessionId && t.Name == tag) || db.Labels.Any(l => l.MessageId == v.MessageId && l.Tags.Any(t => t.Name == tag)));
        }
        return verdicts.Select(v => v.MessageId);
    }

    private static async Task<List<Rated>> RatedAsync(LLMEvalDbContext db, long[] ids, long? queueId, CancellationToken cancellationToken)
    {
        var labels = db.Labels.AsNoTracking().Where(l => ids.Contains(l.MessageId));
        if (queueId is { } queue)
        {
            labels = labels.Where(l => db.QueueSlots.Any(s => s.QueueId == queue && s.MessageId == l.MessageId && s.AnnotatorId == l.AnnotatorId && s.State == SlotState.Done));
        }
        var ratings = (await labels.OrderBy(l => l.Id).Select(l => new { l.MessageId, Rating = new Rating(l.AnnotatorId, l.AnnotatorName, l.Verdict, l.Score, l.Scale) }).ToListAsync(cancellationToken)).ToLookup(l => l.MessageId, l => l.Rating);
        var messages = await db.Messages.AsNoTracking().Where(m => ids.Contains(m.Id)).Select(m => new { m.Id, m.RobotId, m.SessionId }).ToListAsync(cancellationToken);
        var issues = (await labels.Join(db.LabelTags, l => l.Id, t => t.LabelId, (l, t) => new { l.MessageId, t.Name }).ToListAsync(cancellationToken)).ToLookup(t => t.MessageId, t => t.Name);
        var sessionIds = messages.ConvertAll(m => m.SessionId);
        var tags = (await db.SessionTags.AsNoTracking().Where(t => sessionIds.Contains(t.SessionId)).Select(t => new { t.SessionId, t.Name }).ToListAsync(cancellationToken)).ToLookup(t => t.SessionId, t => t.Name);
        return messages.ConvertAll(m => new Rated(m.RobotId, [.. issues[m.Id].Union(tags[m.SessionId])], [.. ratings[m.Id]]));
    }

    private static AgreementReport OfVerdicts(IEnumerable<Rated> messages) =>
        AgreementIntervals.Of([.. messages.Select(m => m.Ratings.ConvertAll(r => (string?)r.Verdict.ToString()))], Verdicts, null);

    private static AgreementReport OfScores(List<Rated> messages)
    {
        static string Key(Rating rating) => rating.Scale.Share(rating.Score!.Value).ToString("F6", System.Globalization.CultureInfo.InvariantCulture);
        var scored = messages.ConvertAll(m => m.Ratings.Where(r => r.Score is not null).Select(Key).ToList());
        var categories = scored.SelectMany(s => s).Distinct().Order(StringComparer.Ordinal).ToList();
        return AgreementIntervals.Of([.. scored.Select(s => s.ConvertAll(k => (string?)k))], categories, categories.ConvertAll(k => double.Parse(k, System.Globalization.CultureInfo.InvariantCulture)), replicates: categories.Count > 30 ? 200 : AgreementIntervals.DefaultReplicates);
    }

    private static List<PairAgreement> Pairs(List<Rated> messages, List<AgreementPerson> people)
    {
        var pairs = new List<PairAgreement>();
        for (var i = 0; i < people.Count; i++)
        {
            for (var j = i + 1; j < people.Count; j++)
            {
                var (first, second) = (people[i], people[j]);
                var counts = messages.Select(m => (A: m.Of(first.Id), B: m.Of(second.Id))).Where(p => p is { A: not null, B: not null }).CountBy(p => (A: p.A!.Value, B: p.B!.Value)).ToDictionary();
                int Count(Verdict a, Verdict b) => counts.GetValueOrDefault((a, b));
                var pair = new PairAgreement(first, second, Count(Verdict.Good, Verdict.Good), Count(Verdict.Good, Verdict.Bad), Count(Verdict.Bad, Verdict.Good), Count(Verdict.Bad, Verdict.Bad), Empty);
                if (pair.Common > 0)
                {
                    pairs.Add(pair with { Kappa = Agreement.CohenKappa([[pair.GoodGood, pair.GoodBad], [pair.BadGood, pair.BadBad]], AgreementWeights.None) });
                }
            }
        }
        return pairs;
    }

    private static Kappa Empty { get; } = Agreement.CohenKappa([[0, 0], [0, 0]], AgreementWeights.None);

    // The largest first; beyond, groups are too small to say much.
    private static List<GroupAgreement> Groups(IEnumerable<IGrouping<string, Rated>> groups) =>
        [.. groups.OrderByDescending(g => g.Count()).ThenBy(g => g.Key, StringComparer.Ordinal).Take(MostGroups).Select(g => new GroupAgreement(g.Key, OfVerdicts(g)))];

    private sealed record Rating(long AnnotatorId, string Name, Verdict Verdict, double? Score, ScoreScale Scale);

    private sealed record Rated(string RobotId, IReadOnlyList<string> Tags, List<Rating> Ratings)
    {
        public Verdict? Of(long annotatorId) => Ratings.Find(r => r.AnnotatorId == annotatorId)?.Verdict;
    }
}
