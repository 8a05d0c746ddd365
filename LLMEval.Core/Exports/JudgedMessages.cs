using LLMEval.Core.Common;
using LLMEval.Core.Data;
using LLMEval.Core.Samples;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Exports;

/// <summary>Writes labelled messages with what was said before, as labelling tools want them.</summary>
internal sealed class JudgedMessages(IDbContextFactory<LLMEvalDbContext> contexts, Actor actor)
{
    /// <summary>Messages before the answer.</summary>
    private const int ContextLength = 10;

    /// <param name="shape">What is written of one message; several where one cannot hold all its labels.</param>
    public async Task<long> WriteAsync<T>(
        ExportedLabels labels, Func<RecordedTurn, IReadOnlyList<ExportedLabel>, IEnumerable<T>> shape, Stream output, (string Before, string Between, string After) around, CancellationToken cancellationToken)
    {
        await using var records = new JsonRecords(output);
        long written = 0;
        var isFirst = true;
        records.Write(around.Before);
        await foreach (var page in labels.ByMessageAsync(cancellationToken))
        {
            await using var db = await contexts.CreateDbContextAsync(cancellationToken);
            var turns = (await RecordedTurns.OfAsync(db, [.. page.Select(m => m.MessageId)], ContextLength, actor, cancellationToken)).ToDictionary(t => t.MessageId);
            // What is gone since, or no bot's any more, is left out.
            foreach (var (messageId, given) in page.Where(m => turns.ContainsKey(m.MessageId)))
            {
                foreach (var record in shape(turns[messageId], given))
                {
                    records.Write(isFirst ? "" : around.Between);
                    await records.WriteAsync(record, cancellationToken);
                    isFirst = false;
                }
                written += given.Count;
            }
        }
        records.Write(around.After);
        await records.CompleteAsync(cancellationToken);
        return written;
    }
}
