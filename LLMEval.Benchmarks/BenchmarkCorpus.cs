using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using LLMEval.Core.Access;
using LLMEval.Core.Collecting;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using LLMEval.Core.Sessions;

namespace LLMEval.Benchmarks;

/// <summary>Real sessions repeated under new ids until there are as many messages as wanted: 9,973 users, 37 bots, 20 tags and a rare one, and over a year in no order. The same every time.</summary>
internal static class BenchmarkCorpus
{
    public const string RareTag = "rare";
    private const int RareEvery = 5_000;
    public static readonly DateTime Start = new(2025, 1, 1, 0, 0, 0, DateTimeKind.Utc);
    private static readonly JsonSerializerOptions Unescaped = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Robot(int number) => string.Create(CultureInfo.InvariantCulture, $"bench-r-{number}");

    public static string User(int number) => string.Create(CultureInfo.InvariantCulture, $"bench-u-{number}");

    public static string Tag(int number) => string.Create(CultureInfo.InvariantCulture, $"tag-{number}");

    /// <summary>The lines to repeat: the shared real data (ten messages a session), or drawn ones where it is not there.</summary>
    public static async Task<string[]> SourcesAsync(CancellationToken cancellationToken) =>
        ImportBenchmark.SharedFile("companion-zh.jsonl") is { } shared ? await File.ReadAllLinesAsync(shared, cancellationToken) : ImportBenchmark.Drawn();

    /// <summary>Writes the file to import; gives the number of messages in it.</summary>
    /// <param name="change">Is shown each message with its number from 0.</param>
    public static async Task<int> WriteAsync(string path, string[] sources, int messages, Action<int, JsonObject>? change, CancellationToken cancellationToken)
    {
        await using var writer = new StreamWriter(path);
        var written = 0;
        for (var i = 0; written < messages; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var session = JsonNode.Parse(sources[i % sources.Length])!.AsObject();
            session["session_id"] = string.Create(CultureInfo.InvariantCulture, $"bench-{i}");
            session["user_id"] = User(i % 9973);
            session["robot_id"] = Robot(i % 37);
            session["tags"] = i % RareEvery == 0 ? new JsonArray(Tag(i % 20), RareTag) : new JsonArray(Tag(i % 20));
            // A multiplier prime to the number of minutes: every session its own minute, in no order.
            session["started_at"] = Start.AddMinutes(i * 100_003L % 525_600).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
            foreach (var message in session["messages"]!.AsArray())
            {
                message!.AsObject().Remove("send_time");
                change?.Invoke(written, message.AsObject());
                written++;
            }
            await writer.WriteLineAsync(session.ToJsonString(Unescaped));
        }
        return written;
    }

    public static async Task ImportAsync(ContextFactory contexts, string path, CancellationToken cancellationToken)
    {
        await using var source = File.OpenRead(path);
        var import = new ImportFile(new IngestSessions(contexts, TimeProvider.System), new ImportOptions { BatchMessages = 2_000 }, contexts, TimeProvider.System);
        await import.ExecuteAsync(new ImportRequest(source, "benchmark"), Actor.Operator(Permissions.All), null, cancellationToken);
    }
}
