using LLMEval.Core.Common;
using LLMEval.Core.Data;
using LLMEval.Core.Labels;
using LLMEval.Core.Sessions;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Search;

/// <summary>A filter with everything looked up that it names: what the index is asked, and what each message is checked by.</summary>
internal sealed record SearchQuestion(MessageSearchFilter Filter, string Needle, DateTime From, DateTime To, TermQuery Terms, IReadOnlySet<string>? BizCodes, IReadOnlySet<long>? Sessions)
{
    // Eight pairs of a text seldom leave a false candidate, and each costs a read of every segment.
    private const int NeedleTerms = 8;
    private const int MostCodes = 500;

    /// <summary>Null when nothing can match.</summary>
    public static async Task<SearchQuestion?> OfAsync(LLMEvalDbContext db, MessageSearchFilter filter, Actor actor, DateTime utcNow, CancellationToken cancellationToken)
    {
        var (from, to) = filter.Range.Resolve(utcNow);
        var needle = SearchText.Fold(filter.Text ?? "").Trim();
        var groups = new List<IReadOnlyList<TermAlternative>>();
        if (needle.Length > 0)
        {
            groups.AddRange(SearchTerms.OfNeedle(needle, filter.Match, NeedleTerms).Select(term => (IReadOnlyList<TermAlternative>)[new([term])]));
        }
        HashSet<long>? sessions = null;
        if (!string.IsNullOrEmpty(filter.SessionId))
        {
            var codes = await CodesAsync(db, actor, cancellationToken);
            sessions = [.. await db.Sessions.AsNoTracking().Visible(actor).Where(s => codes.Contains(s.BizCode) && s.ExternalId == filter.SessionId).Select(s => s.Id).ToListAsync(cancellationToken)];
            if (sessions.Count == 0)
            {
                return null;
            }
            groups.Add(Any(SearchTerms.Field.Session, sessions.Select(id => id.ToString(System.Globalization.CultureInfo.InvariantCulture))));
        }
        if (!string.IsNullOrEmpty(filter.MsgId))
        {
            groups.Add(Any(SearchTerms.Field.MessageId, [filter.MsgId]));
        }
        var biz = await BizAsync(db, filter, actor, cancellationToken);
        if (biz is not null)
        {
            if (biz.Count == 0)
            {
                return null;
            }
            groups.Add(Any(SearchTerms.Field.Biz, biz));
        }
        if (filter.RobotIds.Count > 0)
        {
            groups.Add(Any(SearchTerms.Field.Robot, filter.RobotIds));
        }
        if (filter.UserIds.Count > 0)
        {
            groups.Add(Any(SearchTerms.Field.User, filter.UserIds));
        }
        if (filter.Pairs.Count > 0)
        {
            groups.Add([.. filter.Pairs.GroupBy(p => p.RobotId, p => SearchTerms.Of(SearchTerms.Field.User, p.UserId)).Select(g => new TermAlternative([.. g], SearchTerms.Of(SearchTerms.Field.Robot, g.Key)))]);
        }
        if (filter.SenderType is { } sender)
        {
            groups.Add([new([SearchTerms.Of(SearchTerms.Field.Sender, (long)sender)])]);
        }
        return new SearchQuestion(filter, needle, from, to, new TermQuery(groups), biz, sessions);
    }

    public bool Accepts(MessageHit hit) =>
        hit.SentAt >= From && hit.SentAt < To
        && (Sessions is null || Sessions.Contains(hit.SessionKey))
        && (string.IsNullOrEmpty(Filter.MsgId) || hit.MsgId == Filter.MsgId)
        && (BizCodes is null || BizCodes.Contains(hit.BizCode))
        && (Filter.RobotIds.Count == 0 || Filter.RobotIds.Contains(hit.RobotId, StringComparer.Ordinal))
        && (Filter.UserIds.Count == 0 || Filter.UserIds.Contains(hit.UserId, StringComparer.Ordinal))
        && (Filter.Pairs.Count == 0 || Filter.Pairs.Contains(new UserRobotPair(hit.UserId, hit.RobotId)))
        && (Filter.SenderType is null || Filter.SenderType == hit.SenderType)
        && (Needle.Length == 0 || (Filter.Match == TextMatch.Exact ? SearchText.IsExactly(hit.Content, Needle) : SearchText.Contains(hit.Content, Needle)));

    /// <summary>What counts of the labels as a WHERE; the index does not know of labels.</summary>
    public IQueryable<Message> Labelled(IQueryable<Message> messages, LLMEvalDbContext db) => Filter.Label switch
    {
        LabelState.Unlabelled => messages.Where(m => !db.MessageVerdicts.Any(v => v.MessageId == m.Id)),
        LabelState.Good => messages.Where(m => db.MessageVerdicts.Any(v => v.MessageId == m.Id && v.Verdict == Verdict.Good)),
        LabelState.Bad => messages.Where(m => db.MessageVerdicts.Any(v => v.MessageId == m.Id && v.Verdict == Verdict.Bad)),
        LabelState.Disputed => messages.Where(m => db.MessageVerdicts.Any(v => v.MessageId == m.Id && v.IsDisputed)),
        _ => messages,
    };

    /// <summary>The codes that the filter names, cut to those the actor may see; null when neither says anything.</summary>
    private static async Task<IReadOnlySet<string>?> BizAsync(LLMEvalDbContext db, MessageSearchFilter filter, Actor actor, CancellationToken cancellationToken)
    {
        if (filter.BizCodes.Count == 0)
        {
            return actor.BizCodes?.ToHashSet(StringComparer.Ordinal);
        }
        if (filter.BizMatch == TextMatch.Exact)
        {
            return filter.BizCodes.Where(actor.Sees).ToHashSet(StringComparer.Ordinal);
        }
        var codes = await CodesAsync(db, actor, cancellationToken);
        return codes.Where(code => filter.BizCodes.Any(part => code.Contains(part, StringComparison.OrdinalIgnoreCase))).ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>Every business line that the actor may see: one index seek each.</summary>
    internal static async Task<List<string>> CodesAsync(LLMEvalDbContext db, Actor actor, CancellationToken cancellationToken)
    {
        var codes = new List<string>();
        var beyond = "";
        while (codes.Count < MostCodes)
        {
            var after = beyond;
#pragma warning disable CA1309 // The comparison runs in SQL, where both databases compare this column by code point.
            var next = await db.Sessions.AsNoTracking().Visible(actor).Select(s => s.BizCode).Where(c => string.Compare(c, after) > 0).OrderBy(c => c).FirstOrDefaultAsync(cancellationToken);
#pragma warning restore CA1309
            if (next is null)
            {
                break;
            }
            codes.Add(beyond = next);
        }
        return codes;
    }

    private static IReadOnlyList<TermAlternative> Any(SearchTerms.Field field, IEnumerable<string> values) => [new([.. values.Select(value => SearchTerms.Of(field, value))])];
}
