using System.Globalization;
using System.Text.Json.Nodes;
using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using LLMEval.Core.Labels;
using LLMEval.Core.Sessions;
using Microsoft.EntityFrameworkCore;
using Spectre.Console;

namespace LLMEval.Benchmarks;

/// <summary>What opening the chat dialog reads, on a session of 100,000 messages: its head, its memory, where to begin, a window of 60 messages, and their labels.</summary>
internal static class ChatBenchmark
{
    private const int Length = 100_000;
    private const int Window = 60;
    private const string Name = "bench-long";
    private static readonly Actor Everybody = Actor.Operator(Permissions.All);

    public static async Task MeasureAsync(ContextFactory contexts, StatementLog statements, string[] sources, int rounds, CancellationToken cancellationToken)
    {
        await ImportLongAsync(contexts, sources, cancellationToken);
        await using var db = contexts.CreateDbContext();
        var id = await db.Sessions.Where(s => s.ExternalId == Name).Select(s => s.Id).SingleAsync(cancellationToken);
        var (sessions, transcripts, labels) = (new SessionQueries(contexts, TimeProvider.System), new TranscriptQueries(contexts), new LabelQueries(contexts));
        var table = new Table().AddColumns("chat", "messages shown", "median ms", "p95 ms", "raw median ms", "ratio");
        foreach (var (place, ordinal) in new[] { ("start", 0), ("middle", Length / 2), ("end", Length - 1) })
        {
            var messageId = await db.Messages.Where(m => m.SessionId == id && m.Ordinal == ordinal).Select(m => m.Id).SingleAsync(cancellationToken);
            var shown = 0;
            var times = await Timing.MeasureAsync(db.Database.GetDbConnection(), statements, rounds, async () =>
            {
                await sessions.DetailAsync(id, Everybody, cancellationToken);
                await transcripts.MemoryAsync(id, Everybody, cancellationToken);
                var at = await transcripts.OrdinalOfAsync(id, messageId, Everybody, cancellationToken) ?? throw new InvalidOperationException("The message is not in its session.");
                var window = await transcripts.ForwardAsync(id, Math.Clamp(at - 10, 0, Length - Window), Window, Everybody, cancellationToken);
                await labels.OfMessagesAsync([.. window.Messages.Where(m => m.SenderType == SenderType.Bot).Select(m => m.Id)], Everybody, cancellationToken);
                shown = window.Messages.Count;
            }, cancellationToken);
            table.AddRow([$"opened at the {place}", Timing.Text(shown, "N0"), .. times.Cells]);
        }
        AnsiConsole.Write(table);
    }

    private static async Task ImportLongAsync(ContextFactory contexts, string[] sources, CancellationToken cancellationToken)
    {
        var session = JsonNode.Parse(sources[0])!.AsObject();
        var said = sources.SelectMany(line => JsonNode.Parse(line)!["messages"]!.AsArray()).Select(m => (m!["sender_type"]!.GetValue<string>(), m["content"]!.GetValue<string>())).ToList();
        session["session_id"] = Name;
        session["messages"] = new JsonArray([.. Enumerable.Range(0, Length).Select(i => (JsonNode)new JsonObject
        {
            ["msg_id"] = string.Create(CultureInfo.InvariantCulture, $"m-{i}"),
            ["sender_type"] = said[i % said.Count].Item1,
            ["content"] = said[i % said.Count].Item2,
            ["send_time"] = BenchmarkCorpus.Start.AddMinutes(i).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture),
        })]);
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, session.ToJsonString(), cancellationToken);
            await BenchmarkCorpus.ImportAsync(contexts, file, cancellationToken);
        }
        finally
        {
            File.Delete(file);
        }
    }
}
