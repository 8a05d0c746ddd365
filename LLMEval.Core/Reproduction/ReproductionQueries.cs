using System.Text.Json;
using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using LLMEval.Core.Runs;
using LLMEval.Core.Targets;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Reproduction;

public sealed record ReproductionFilter(ReproductionState? State = null, string? RobotId = null, long? MessageId = null);

/// <param name="Done">Generations there are, of <paramref name="Times"/>.</param>
/// <param name="Graded">Those of them with a verdict: the n of k of n.</param>
public sealed record ReproductionRow(
    long Id, string BizCode, string RobotId, long MessageId, long SessionId, string SessionExternalId, string MessageExternalId, string BadAnswerPreview, string TargetName, int TargetNumber,
    ReproductionState State, int Times, int Done, int Bad, int Graded, double? Rate, double? Low, double? High, DateTime CreatedAt, DateTime? FinishedAt, string StartedByName, string? FailureCode)
{
    public bool IsEnded => State is ReproductionState.Completed or ReproductionState.Cancelled or ReproductionState.Failed;
}

public enum ParameterDifference { Equal, Different, OnlyHere, OnlyRecorded }

/// <param name="Here">As JSON; null where it is not sent.</param>
/// <param name="Source">Where the sent value comes from; null where none is sent.</param>
public sealed record ParameterRow(string Key, ParameterDifference Difference, string? Here, string? Recorded, ParameterSource? Source);

public sealed record GenerationRow(
    int Index, ReplyStatus Status, string? Text, GenerationVerdict Verdict, double? Score, string? JudgedByName, DateTime? JudgedAt, int? Seed, int? DurationMs, int Attempts,
    int? InputTokens, int? OutputTokens, string? ResponseModel, string? ErrorType, string? ErrorDetail, DateTime At);

public sealed record GenerationDebug(int Index, string? RequestJson, string? ResponseJson, int Attempts, int? DurationMs, int? Seed, string? ErrorType, string? ErrorDetail, DateTime At);

/// <param name="ParametersJson">Exactly what is sent with each question, but for the seed, which each generation has its own of.</param>
public sealed record ReproductionDetail(
    ReproductionRow Row, Turn Turn, string? RecordedModel, string? RecordedPromptVersion, TargetSnapshot Target, Criterion Criterion, string ParametersJson, string OverridesJson, string? RecordedParametersJson,
    IReadOnlyList<ParameterRow> Parameters, IReadOnlyList<GenerationRow> Generations);

public sealed class ReproductionQueries(IDbContextFactory<LLMEvalDbContext> contexts)
{
    /// <summary>Newest first.</summary>
    public async Task<Page<ReproductionRow>> PageAsync(ReproductionFilter filter, PageRequest page, Actor actor, CancellationToken cancellationToken)
    {
        if (!actor.May(Permissions.ReproductionsView))
        {
            return Page<ReproductionRow>.Empty;
        }
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var matching = db.ReproductionTasks.AsNoTracking().Visible(actor);
        if (filter.State is { } state)
        {
            matching = matching.Where(t => t.State == state);
        }
        if (!string.IsNullOrEmpty(filter.RobotId))
        {
            matching = matching.Where(t => t.RobotId == filter.RobotId);
        }
        if (filter.MessageId is { } messageId)
        {
            matching = matching.Where(t => t.MessageId == messageId);
        }
        var total = await matching.Take(Page.CountCap + 1).CountAsync(cancellationToken);
        var descending = page.Descending != page.IsBackward;
        if ((page.Before ?? page.After) is { Instant: { } at, Id: var id })
        {
            matching = matching.Past(t => t.CreatedAt, t => t.Id, at, id, descending);
        }
        var rows = await Rows(db, matching.InOrder(t => t.CreatedAt, t => t.Id, descending).Take(page.Limit + 1)).ToListAsync(cancellationToken);
        return Page.Of(rows, page, row => Cursor.At(row.CreatedAt, row.Id), total);
    }

    public async Task<ReproductionDetail?> DetailAsync(long taskId, Actor actor, CancellationToken cancellationToken)
    {
        if (!actor.May(Permissions.ReproductionsView))
        {
            return null;
        }
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var visible = db.ReproductionTasks.AsNoTracking().Visible(actor).Where(t => t.Id == taskId);
        if (await Rows(db, visible).FirstOrDefaultAsync(cancellationToken) is not { } row)
        {
            return null;
        }
        var texts = await visible.Select(t => new { t.CaseJson, t.CriterionJson, t.ParametersJson, t.OverridesJson, t.RecordedParametersJson }).FirstAsync(cancellationToken);
        var generations = await db.ReproductionGenerations.AsNoTracking().Where(g => g.TaskId == taskId).OrderBy(g => g.Index)
            .Select(g => new GenerationRow(
                g.Index, g.Status, g.Text, g.Verdict, g.Score, g.JudgedByName, g.JudgedAt, g.Seed, g.DurationMs, g.Attempts, g.InputTokens, g.OutputTokens, g.ResponseModel, g.ErrorType, g.ErrorDetail, g.At))
            .ToListAsync(cancellationToken);
        var frozen = Json.Read<ReproductionCase>(texts.CaseJson);
        return new ReproductionDetail(
            row, frozen.Turn, frozen.RecordedModel, frozen.RecordedPromptVersion, frozen.Target, Json.Read<Criterion>(texts.CriterionJson), texts.ParametersJson, texts.OverridesJson, texts.RecordedParametersJson,
            Compare(frozen, texts.RecordedParametersJson), generations);
    }

    /// <summary>What was sent and what came back; of one generation, or of all where <paramref name="index"/> is null.</summary>
    public async Task<IReadOnlyList<GenerationDebug>> DebugAsync(long taskId, int? index, Actor actor, CancellationToken cancellationToken)
    {
        if (!actor.May(Permissions.ReproductionsView))
        {
            return [];
        }
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.ReproductionGenerations.AsNoTracking()
            .Where(g => g.TaskId == taskId && (index == null || g.Index == index) && db.ReproductionTasks.Visible(actor).Any(t => t.Id == g.TaskId))
            .OrderBy(g => g.Index).Take(StartReproduction.MaxTimes)
            .Select(g => new GenerationDebug(g.Index, g.RequestJson, g.ResponseJson, g.Attempts, g.DurationMs, g.Seed, g.ErrorType, g.ErrorDetail, g.At))
            .ToListAsync(cancellationToken);
    }

    private static IQueryable<ReproductionRow> Rows(LLMEvalDbContext db, IQueryable<ReproductionTask> tasks) => tasks.Select(t => new ReproductionRow(
        t.Id, t.BizCode, t.RobotId, t.MessageId, db.Messages.Where(m => m.Id == t.MessageId).Select(m => m.SessionId).First(), t.SessionExternalId, t.MessageExternalId, t.BadAnswerPreview, t.TargetName, t.TargetNumber,
        t.State, t.Times, db.ReproductionGenerations.Count(g => g.TaskId == t.Id), t.Bad, t.Graded, t.Rate, t.Low, t.High, t.CreatedAt, t.FinishedAt, t.StartedByName, t.FailureCode));

    private static IReadOnlyList<ParameterRow> Compare(ReproductionCase frozen, string? recordedJson)
    {
        var here = Members(frozen.Target.Parameters);
        var recorded = Members(recordedJson is null ? null : Json.Read<JsonElement>(recordedJson));
        if (frozen.Target.RequestModel is { } model)
        {
            here["model"] = JsonSerializer.SerializeToElement(model);
        }
        if (frozen.RecordedModel is { } recordedModel)
        {
            recorded["model"] = JsonSerializer.SerializeToElement(recordedModel);
        }
        return [.. here.Keys.Union(recorded.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal).Select(key =>
        {
            var isHere = here.TryGetValue(key, out var mine);
            var isRecorded = recorded.TryGetValue(key, out var theirs);
            var difference = !isRecorded ? ParameterDifference.OnlyHere
                : !isHere ? ParameterDifference.OnlyRecorded
                : JsonElement.DeepEquals(mine, theirs) ? ParameterDifference.Equal : ParameterDifference.Different;
            return new ParameterRow(
                key, difference, isHere ? mine.GetRawText() : null, isRecorded ? theirs.GetRawText() : null,
                isHere ? frozen.Sources.TryGetValue(key, out var source) ? source : ParameterSource.Version : null);
        })];
    }

    private static Dictionary<string, JsonElement> Members(JsonElement? json) =>
        json is { ValueKind: JsonValueKind.Object } members ? members.EnumerateObject().ToDictionary(p => p.Name, p => p.Value, StringComparer.Ordinal) : new(StringComparer.Ordinal);
}
