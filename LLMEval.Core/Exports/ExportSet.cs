using System.Runtime.CompilerServices;
using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using LLMEval.Core.Exports.Sets;
using LLMEval.Core.Labels;
using LLMEval.Core.Samples;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Exports;

/// <param name="Version">A frozen version; null for the set as it is now.</param>
public sealed record SetExport(long SetId, int? Version, SetFormat Format);

/// <summary>Writes the items of a set, page by page, in a format of <see cref="SetFormat"/>.</summary>
public sealed class ExportSet(SetItemQueries items, SampleContentQueries contents, IDbContextFactory<LLMEvalDbContext> contexts, TimeProvider clock)
{
    private const int Take = 200;

    /// <summary>The set's name, or why it cannot be written; puts the export into the audit log.</summary>
    public async Task<Result<string>> PrepareAsync(SetExport export, Actor actor, CancellationToken cancellationToken)
    {
        if (actor.Lacks(Permissions.SetsView) is { } refusal)
        {
            return refusal;
        }
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var set = await db.VisibleSets(actor).Where(s => s.Id == export.SetId).Select(s => new { s.Name, s.ItemCount }).FirstOrDefaultAsync(cancellationToken);
        if (set is null)
        {
            return Failure.NotFound("SetNotFound");
        }
        if (export.Version is { } number && !await db.SetVersions.AnyAsync(v => v.SetId == export.SetId && v.Number == number, cancellationToken))
        {
            return Failure.NotFound("SetVersionNotFound", number);
        }
        if (export.Format == SetFormat.Xlsx && set.ItemCount > SetFileWriter.MostInASheet)
        {
            return Failure.Invalid("ExportTooLong", "format", SetFileWriter.MostInASheet);
        }
        db.AuditEntries.Add(AuditEntry.Of(actor, clock.GetUtcNow().UtcDateTime, "set.export", "set", export.SetId, new { format = export.Format.ToString(), export.Version }));
        await db.SaveChangesAsync(cancellationToken);
        return set.Name;
    }

    /// <summary>Call <see cref="PrepareAsync"/> before; it gives the name.</summary>
    public Task<WrittenSet> WriteAsync(SetExport export, string setName, Stream output, Actor actor, CancellationToken cancellationToken) =>
        SetFileWriter.WriteAsync(ItemsAsync(export, actor, cancellationToken), export.Format, setName, output, cancellationToken);

    private async IAsyncEnumerable<SetFileItem> ItemsAsync(SetExport export, Actor actor, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var request = new PageRequest(Take: Take);
        while (true)
        {
            var page = export.Version is { } number ? await items.OfVersionAsync(export.SetId, number, request, actor, cancellationToken) : await items.OfSetAsync(export.SetId, request, actor, cancellationToken);
            var content = await contents.OfAsync([.. page.Items.Select(i => i.SampleId)], actor, cancellationToken);
            var verdicts = await VerdictsAsync([.. page.Items.Select(i => i.MessageId).OfType<long>()], cancellationToken);
            foreach (var item in page.Items.Where(i => content.ContainsKey(i.SampleId)))
            {
                var verdict = item.MessageId is { } messageId ? verdicts.GetValueOrDefault(messageId) : null;
                yield return new SetFileItem(content[item.SampleId].Draft, verdict is { } judged ? judged == Verdict.Bad : null);
            }
            if (page.Next is null)
            {
                yield break;
            }
            request = request with { After = page.Next };
        }
    }

    private async Task<Dictionary<long, Verdict?>> VerdictsAsync(List<long> messageIds, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.MessageVerdicts.AsNoTracking().Where(v => messageIds.Contains(v.MessageId)).ToDictionaryAsync(v => v.MessageId, v => v.Verdict, cancellationToken);
    }
}
