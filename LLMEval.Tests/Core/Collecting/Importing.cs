using System.Text;
using System.Text.Json;
using LLMEval.Core.Collecting;
using LLMEval.Core.Collecting.Formats;
using LLMEval.Core.Common;
using LLMEval.Core.Sessions;
using LLMEval.Tests.Support;

namespace LLMEval.Tests.Core.Collecting;

/// <summary>Lines of sessions and the verb that imports them, as the tests of collecting need them.</summary>
internal static class Importing
{
    public static TimeZoneInfo Shanghai { get; } = TimeZoneInfo.FindSystemTimeZoneById("Asia/Shanghai");

    public static ImportOptions Options { get; } = new() { TimeZone = Shanghai };

    public static ImportFile Import(this TestDatabase database, ImportOptions? options = null) =>
        new(new IngestSessions(database.Contexts, database.Clock), options ?? Options, database.Contexts, database.Clock);

    public static async Task<ImportReport> ImportAsync(this TestDatabase database, string text, TimeChoice? times = null, IngestMode mode = IngestMode.Store, Actor? actor = null, ImportOptions? options = null)
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(text));
        var request = new ImportRequest(stream, "test.jsonl") { Times = times ?? TimeChoice.Import, Mode = mode };
        var result = await database.Import(options).ExecuteAsync(request, actor ?? database.Admin, null, CancellationToken.None);
        Assert.Null(result.Failure);
        return result.Value!;
    }

    public static async Task<List<SessionLine>> ReadAsync(byte[] bytes, SessionLimits? limits = null)
    {
        using var stream = new MemoryStream(bytes);
        var lines = new List<SessionLine>();
        await foreach (var line in SessionsJsonl.ReadAsync(stream, limits ?? Options.Limits, _ => null, CancellationToken.None))
        {
            lines.Add(line);
        }
        return lines;
    }

    public static Task<List<SessionLine>> ReadAsync(string text, SessionLimits? limits = null) => ReadAsync(Encoding.UTF8.GetBytes(text), limits);

    /// <summary>A line of one session; messages are JSON objects.</summary>
    public static string Session(string id, params string[] messages) => SessionWith(id, "", messages);

    /// <summary>The same with more fields, such as <c>,"lang":"zh"</c>.</summary>
    public static string SessionWith(string id, string more, params string[] messages) =>
        $$"""{"session_id":{{Quoted(id)}},"biz_code":"companion","robot_id":"r-1","user_id":"u-1"{{more}},"messages":[{{string.Join(',', messages)}}]}""";

    public static string Message(string id, string content, string sender = "user", string more = "") =>
        $$"""{"msg_id":{{Quoted(id)}},"sender_type":"{{sender}}","content":{{Quoted(content)}}{{more}}}""";

    private static string Quoted(string text) => JsonSerializer.Serialize(text);
}
