using LLMEval.Core.Common;
using LLMEval.Core.Data;
using LLMEval.Core.Labels;
using LLMEval.Core.Sessions;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Search;

/// <summary>A message's place in the order of a search.</summary>
internal readonly record struct Place(DateTime SentAt, long Id) : IComparable<Place>
{
    public int CompareTo(Place other) => SentAt != other.SentAt ? SentAt.CompareTo(other.SentAt) : Id.CompareTo(other.Id);
}

/// <summary>
/// Candidates in the order of the page, a batch at a time, by the cheaper of two ways. Few are looked up by their ids and sorted. Many are met soon enough by walking the index of
/// send times and asking of each message whether it is a candidate; that stops after <see cref="MostSteps"/>, so that no page costs more.
/// </summary>
/// <remarks>Of N messages and c candidates, a page of p takes a walk of p·N/c steps or c look-ups. A look-up costs about eight steps, so they cost the same at c² = p·N/8.</remarks>
internal sealed class CandidateStream
{
    private const int MostSteps = 150_000;
    private const int MostLooks = 15_000;
    private const int MostAtOnce = 500;
    private const int LongestStride = 20_000;
    private const int StepsPerLookUp = 8;
    private const int FewAnyway = 500;
    private const int MostLabelled = 5000;
    private const long MostTail = 50_000;
    private const int ShortRange = 8;

    private readonly LLMEvalDbContext _db;
    private readonly bool _descending;
    private readonly Span _span;
    private readonly IdSet? _set;
    private readonly double _density;
    private readonly Place[]? _sorted;
    private readonly Queue<Place> _ready = new();

    // How far the walk came, and how far its candidates were handed out.
    private Place? _edge;
    private Place? _taken;
    private int _steps;
    private int _looks;
    private bool _isOver;

    private CandidateStream(LLMEvalDbContext db, PageRequest page, Span span, IdSet? set, double density, Place[]? sorted)
    {
        (_db, _span, _set, _density, _sorted) = (db, span, set, density, sorted);
        _descending = !page.IsBackward;
        _edge = EdgeOf(page);
    }

    /// <summary>Where the stream stopped before its end because it had gone far enough; null while it did not.</summary>
    public Place? StoppedAt { get; private set; }

    public static async Task<CandidateStream> OpenAsync(LLMEvalDbContext db, SearchQuestion question, PageRequest page, CancellationToken cancellationToken)
    {
        var candidates = await SearchIndex.ReadAsync(db, question.Terms, question.From, question.To, cancellationToken);
        var set = candidates.Ids;
        var span = new Span(question.From, question.To);
        if (question.Filter.Label is LabelState.Good or LabelState.Bad or LabelState.Disputed && await LabelledAsync(db, question.Filter.Label, cancellationToken) is { } labelled)
        {
            set = labelled;
        }
        else if (set is not null)
        {
            span = await AddTailAsync(db, question, set, candidates, cancellationToken);
        }
        var isFew = set is not null && (set.Count <= FewAnyway || set.Count * (double)set.Count <= (page.Limit + 1) * (double)candidates.Messages / StepsPerLookUp);
        var sorted = isFew ? await LookUpAsync(db, question, set!, page, cancellationToken) : null;
        var density = set is null ? 1 : Math.Clamp(set.Count / (double)Math.Max(1, candidates.Messages), 1e-6, 1);
        return new CandidateStream(db, page, span, set, density, sorted);
    }

    /// <summary>Ids to look at next, those wanted and a few more, since some will not be what they seem; null at the end.</summary>
    public async Task<IReadOnlyList<long>?> NextAsync(int wanted, CancellationToken cancellationToken)
    {
        var take = _looks >= 200 ? MostAtOnce : Math.Min(MostAtOnce, wanted + 10);
        if (_sorted is not null)
        {
            take = Math.Min(take, _sorted.Length - _looks);
            if (take > 0 && _looks >= MostLooks)
            {
                StoppedAt = _sorted[_looks - 1];
                return null;
            }
            _looks += take;
            return take == 0 ? null : [.. _sorted.Skip(_looks - take).Take(take).Select(p => p.Id)];
        }
        while (_ready.Count < take && !_isOver && _steps < MostSteps)
        {
            await StepAsync(take, cancellationToken);
        }
        if (_ready.Count == 0 || _looks >= MostLooks)
        {
            StoppedAt = _ready.Count > 0 ? _taken : _isOver ? null : _edge;
            return null;
        }
        var ids = new List<long>(take);
        while (ids.Count < take && _ready.TryDequeue(out var place))
        {
            ids.Add(place.Id);
            _taken = place;
        }
        _looks += ids.Count;
        return ids;
    }

    private async Task StepAsync(int take, CancellationToken cancellationToken)
    {
        var chunk = (int)Math.Clamp(1.3 * take / _density, take, LongestStride);
        // Only ids and times, which the index itself holds; what is shown is read with the actor's scope.
        var messages = _db.Messages.AsNoTracking().Where(m => m.SentAt >= _span.From && m.SentAt < _span.To);
        if (_edge is { } edge)
        {
            messages = messages.Past(m => m.SentAt, m => m.Id, edge.SentAt, edge.Id, _descending);
        }
        var read = 0;
        await foreach (var place in messages.InOrder(m => m.SentAt, m => m.Id, _descending).Take(chunk).Select(m => new Place(m.SentAt, m.Id)).AsAsyncEnumerable().WithCancellation(cancellationToken))
        {
            read++;
            _edge = place;
            if (_set is null || _set.Contains(place.Id))
            {
                _ready.Enqueue(place);
            }
        }
        _steps += read;
        _isOver = read < chunk;
    }

    private static Place? EdgeOf(PageRequest page) => (page.After ?? page.Before) is { Instant: { } instant } cursor ? new Place(instant, cursor.Id) : null;

    private static async Task<Place[]> LookUpAsync(LLMEvalDbContext db, SearchQuestion question, IdSet set, PageRequest page, CancellationToken cancellationToken)
    {
        var places = new List<Place>();
        foreach (var ids in set.All().Chunk(1000))
        {
            places.AddRange(await db.Messages.AsNoTracking().Where(m => ids.Contains(m.Id)).Select(m => new Place(m.SentAt, m.Id)).ToListAsync(cancellationToken));
        }
        var edge = EdgeOf(page);
        var within = places.Where(p => p.SentAt >= question.From && p.SentAt < question.To);
        return page.IsBackward
            ? [.. within.Where(p => edge is not { } e || p.CompareTo(e) > 0).Order()]
            : [.. within.Where(p => edge is not { } e || p.CompareTo(e) < 0).OrderDescending()];
    }

    /// <summary>Adds those of the changed messages that match, read one after another; more than <see cref="MostTail"/>, as after a large import, all of them unread. Answers in which times the set lies.</summary>
    private static async Task<Span> AddTailAsync(LLMEvalDbContext db, SearchQuestion question, IdSet set, Candidates candidates, CancellationToken cancellationToken)
    {
        if (IdRanges.Size(candidates.Tail) > MostTail)
        {
            foreach (var (from, to) in candidates.Tail)
            {
                for (var id = from; id <= to; id++)
                {
                    set.Add(id);
                }
            }
            return new Span(question.From, question.To);
        }
        var (earliest, latest) = (candidates.Earliest, candidates.Latest);
        foreach (var messages in Changed(db, candidates.Tail))
        {
            // Read to be looked at here; what is shown is read with the actor's scope.
            var rows = messages.Select(m => new MessageHit(
                m.Id, m.SessionId, m.BizCode, "", m.ExternalId, m.RobotId, null, m.UserId, m.SenderType, m.Content, m.SentAt, m.UpdatedAt, m.IsTimeInferred));
            await foreach (var row in rows.AsAsyncEnumerable().WithCancellation(cancellationToken))
            {
                if (question.Accepts(row))
                {
                    set.Add(row.Id);
                    earliest = row.SentAt < earliest ? row.SentAt : earliest;
                    latest = row.SentAt > latest ? row.SentAt : latest;
                }
            }
        }
        return earliest > latest ? new Span(question.From, question.From) : new Span(
            earliest > question.From ? earliest : question.From,
            latest < question.To ? latest.AddTicks(TimeSpan.TicksPerMicrosecond) : question.To);
    }

    /// <summary>Long ranges one by one, short ones many at once: corrections change single messages here and there.</summary>
    private static IEnumerable<IQueryable<Message>> Changed(LLMEvalDbContext db, IReadOnlyList<IdRange> ranges)
    {
        foreach (var (from, to) in ranges.Where(r => r.To - r.From >= ShortRange))
        {
            yield return db.Messages.AsNoTracking().Where(m => m.Id >= from && m.Id <= to);
        }
        foreach (var ids in ranges.Where(r => r.To - r.From < ShortRange).SelectMany(r => Enumerable.Range(0, (int)(r.To - r.From) + 1).Select(i => r.From + i)).Chunk(500))
        {
            yield return db.Messages.AsNoTracking().Where(m => ids.Contains(m.Id));
        }
    }

    /// <summary>The labelled messages themselves as candidates, where they are few; null where they are not.</summary>
    private static async Task<IdSet?> LabelledAsync(LLMEvalDbContext db, LabelState state, CancellationToken cancellationToken)
    {
        var verdict = state == LabelState.Good ? Verdict.Good : Verdict.Bad;
        var verdicts = state == LabelState.Disputed ? db.MessageVerdicts.Where(v => v.IsDisputed) : db.MessageVerdicts.Where(v => v.Verdict == verdict);
        var ids = await verdicts.AsNoTracking().Select(v => v.MessageId).Take(MostLabelled + 1).ToListAsync(cancellationToken);
        if (ids.Count > MostLabelled)
        {
            return null;
        }
        var set = new IdSet();
        foreach (var id in ids)
        {
            set.Add(id);
        }
        return set;
    }

    /// <summary>Half-open, as all ranges of time.</summary>
    private readonly record struct Span(DateTime From, DateTime To);
}
