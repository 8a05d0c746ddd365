using System.Text.Encodings.Web;
using System.Text.Json;
using LLMEval.Core.Data;
using LLMEval.Core.Sessions;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Exports;

/// <summary>
/// Writes conversations in the shape <c>sessions-jsonl</c>, one a line, with the fields of the source that LLMEval has no column for. Importing the lines elsewhere and exporting again gives the
/// same lines. Times that were inferred are left out, as they were in the source.
/// </summary>
internal sealed class SessionsJsonlWriter(Stream output, IDbContextFactory<LLMEvalDbContext> contexts, TimeZoneInfo zone) : IAsyncDisposable
{
    /// <summary>Messages read ahead for several sessions at once; a longer session is read by itself, in a stream.</summary>
    private const int ReadAhead = 5_000;
    private const int FlushAt = 256 * 1024;
    private readonly Utf8JsonWriter _json = new(output, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true });

    public async Task WriteAsync(IReadOnlyList<SessionRow> rows, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var ids = rows.Select(r => r.Id).ToList();
        var sessions = await db.Sessions.AsNoTracking().Where(s => ids.Contains(s.Id)).ToDictionaryAsync(s => s.Id, cancellationToken);
        var memory = (await db.MemoryPoints.AsNoTracking().Where(p => ids.Contains(p.SessionId)).OrderBy(p => p.SessionId).ThenBy(p => p.Ordinal).ToListAsync(cancellationToken)).ToLookup(p => p.SessionId);
        var ahead = new Dictionary<long, List<Said>>();
        for (var i = 0; i < rows.Count; i++)
        {
            var row = rows[i];
            if (!sessions.TryGetValue(row.Id, out var session))
            {
                // Deleted since the page was read.
                continue;
            }
            if (!ahead.ContainsKey(row.Id) && row.MessageCount <= ReadAhead)
            {
                ahead = await ReadAheadAsync(db, rows, i, cancellationToken);
            }
            WriteHead(session, row.Tags);
            if (ahead.Remove(row.Id, out var messages))
            {
                messages.ForEach(WriteMessage);
            }
            else
            {
                await foreach (var message in Messages(db, [row.Id]).AsAsyncEnumerable().WithCancellation(cancellationToken))
                {
                    WriteMessage(message);
                    await FlushIfFullAsync(cancellationToken);
                }
            }
            _json.WriteEndArray();
            _json.WriteStartArray("memory");
            foreach (var point in memory[row.Id])
            {
                WriteMemory(point);
            }
            _json.WriteEndArray();
            _json.WriteEndObject();
            await _json.FlushAsync(cancellationToken);
            _json.Reset();
            await output.WriteAsync("\n"u8.ToArray(), cancellationToken);
        }
    }

    public ValueTask DisposeAsync() => _json.DisposeAsync();

    private static async Task<Dictionary<long, List<Said>>> ReadAheadAsync(LLMEvalDbContext db, IReadOnlyList<SessionRow> rows, int from, CancellationToken cancellationToken)
    {
        var (ids, count) = (new List<long>(), 0);
        for (var i = from; i < rows.Count && rows[i].MessageCount <= ReadAhead && (count += rows[i].MessageCount) <= ReadAhead; i++)
        {
            ids.Add(rows[i].Id);
        }
        var read = ids.ToDictionary(id => id, _ => new List<Said>());
        foreach (var said in await Messages(db, ids).ToListAsync(cancellationToken))
        {
            read[said.Message.SessionId].Add(said);
        }
        return read;
    }

    private static IQueryable<Said> Messages(LLMEvalDbContext db, List<long> sessionIds) =>
        db.Messages.AsNoTracking().Where(m => sessionIds.Contains(m.SessionId)).OrderBy(m => m.SessionId).ThenBy(m => m.Ordinal).ThenBy(m => m.Id)
            .Select(m => new Said { Message = m, Generation = db.Generations.Where(g => g.MessageId == m.Id).FirstOrDefault() });

    private async Task FlushIfFullAsync(CancellationToken cancellationToken)
    {
        if (_json.BytesPending > FlushAt)
        {
            await _json.FlushAsync(cancellationToken);
        }
    }

    private void WriteHead(Session session, IReadOnlyList<string> tags)
    {
        _json.WriteStartObject();
        _json.WriteString("session_id", session.ExternalId);
        _json.WriteString("biz_code", session.BizCode);
        _json.WriteString("robot_id", session.RobotId);
        Write("robot_name", session.RobotName);
        _json.WriteString("user_id", session.UserId);
        Write("lang", session.Language);
        Write("started_at", session.StartedAt);
        _json.WriteStartArray("tags");
        foreach (var tag in tags)
        {
            _json.WriteStringValue(tag);
        }
        _json.WriteEndArray();
        Write("system_prompt", session.SystemPrompt);
        WriteExtra(session.ExtraJson);
        _json.WriteStartArray("messages");
    }

    private void WriteMessage(Said said)
    {
        var (message, generation) = (said.Message, said.Generation);
        _json.WriteStartObject();
        _json.WriteString("msg_id", message.ExternalId);
        _json.WriteString("sender_type", message.SenderType switch { SenderType.User => "user", SenderType.Bot => "bot", SenderType.System => "system", _ => "tool" });
        _json.WriteString("content", message.Content);
        Write("send_time", message.IsTimeInferred ? null : message.SentAt);
        using var extra = message.ExtraJson is null ? null : JsonDocument.Parse(message.ExtraJson);
        var unknown = extra?.RootElement.TryGetProperty("generation", out var more) == true ? more : (JsonElement?)null;
        if (generation is not null || unknown is not null)
        {
            WriteGeneration(generation, unknown);
        }
        WriteExtra(extra?.RootElement, except: "generation");
        _json.WriteEndObject();
    }

    private void WriteGeneration(Generation? generation, JsonElement? unknown)
    {
        if (unknown is { ValueKind: not JsonValueKind.Object } other)
        {
            _json.WritePropertyName("generation");
            other.WriteTo(_json);
            return;
        }
        _json.WriteStartObject("generation");
        if (generation is not null)
        {
            Write("model", generation.Model);
            Write("prompt_version", generation.PromptVersion);
            WriteRaw("params", generation.ParametersJson);
            WriteRaw("memory_ids", generation.MemoryIdsJson);
            WriteNumber("latency_ms", generation.LatencyMs);
            if (unknown?.TryGetProperty("usage", out _) != true && (generation.InputTokens ?? generation.OutputTokens) is not null)
            {
                _json.WriteStartObject("usage");
                WriteNumber("input_tokens", generation.InputTokens);
                WriteNumber("output_tokens", generation.OutputTokens);
                _json.WriteEndObject();
            }
            WriteRaw("request", generation.RequestJson);
            WriteRaw("trace", generation.TraceJson);
        }
        WriteExtra(unknown, null);
        _json.WriteEndObject();
    }

    private void WriteMemory(MemoryPoint point)
    {
        _json.WriteStartObject();
        _json.WriteString("memory_id", point.ExternalId);
        _json.WriteString("content", point.Content);
        Write("created_at", point.CreatedAt);
        Write("updated_at", point.ChangedAt);
        WriteExtra(point.ExtraJson);
        _json.WriteEndObject();
    }

    private void Write(string name, string? value)
    {
        if (value is not null)
        {
            _json.WriteString(name, value);
        }
    }

    private void Write(string name, DateTime? utc)
    {
        if (utc is { } time)
        {
            _json.WriteString(name, TimeZoneInfo.ConvertTime(new DateTimeOffset(DateTime.SpecifyKind(time, DateTimeKind.Utc)), zone));
        }
    }

    private void WriteNumber(string name, int? value)
    {
        if (value is { } number)
        {
            _json.WriteNumber(name, number);
        }
    }

    private void WriteRaw(string name, string? json)
    {
        if (json is not null)
        {
            _json.WritePropertyName(name);
            _json.WriteRawValue(json);
        }
    }

    private void WriteExtra(string? json)
    {
        if (json is not null)
        {
            using var extra = JsonDocument.Parse(json);
            WriteExtra(extra.RootElement, null);
        }
    }

    private void WriteExtra(JsonElement? extra, string? except)
    {
        foreach (var property in extra?.EnumerateObject() ?? default)
        {
            if (property.Name != except)
            {
                property.WriteTo(_json);
            }
        }
    }

    private sealed class Said
    {
        public required Message Message { get; init; }
        public Generation? Generation { get; init; }
    }
}
