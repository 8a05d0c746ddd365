using System.Net;
using LLMEval.Core.Access;
using LLMEval.Core.Data;
using LLMEval.Core.Labels;
using LLMEval.Tests.Support;

namespace LLMEval.Tests.Api;

public sealed class ExportTests
{
    [Fact]
    public async Task SessionsAsCsv_OfTheGridsAddress_HoldsWhatTheGridShows()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        await database.SessionAsync("mine", robot: "r-1");
        await database.SessionAsync("other", robot: "r-2");
        await database.SessionAsync("theirs", biz: "growth", robot: "r-1");
        await using var app = await TestApp.StartAsync(database);
        await app.AddAccountAsync("lin@example.com", RoleNames.Viewer, "companion");

        using var stranger = await app.Client.GetAsync(new Uri("/export/sessions.csv", UriKind.Relative));
        await app.SignInAsync("lin@example.com");
        using var answer = await app.Client.GetAsync(new Uri("/export/sessions.csv?range=all&robot=r-1", UriKind.Relative));
        using var unreadable = await app.Client.GetAsync(new Uri("/export/sessions.csv?range=soon", UriKind.Relative));
        using var unknown = await app.Client.GetAsync(new Uri("/export/sessions.docx", UriKind.Relative));

        Assert.Equal((HttpStatusCode.Redirect, HttpStatusCode.BadRequest, HttpStatusCode.NotFound), (stranger.StatusCode, unreadable.StatusCode, unknown.StatusCode));
        Assert.Matches(@"^attachment; filename=""?sessions-\d{8}-\d{6}\.csv", answer.Content.Headers.ContentDisposition?.ToString());
        var lines = (await answer.Content.ReadAsStringAsync()).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, lines.Length);
        Assert.StartsWith("mine,companion,r-1,", lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Labels_InEachShape_ForThoseWhoMay()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        var (_, messages) = await database.SessionAsync("mine");
        await database.LabelAsync(messages[1], Verdict.Good);
        await using var app = await TestApp.StartAsync(database);
        await app.AddAccountAsync("lin@example.com", RoleNames.Manager, "companion");
        await app.AddAccountAsync("wu@example.com", RoleNames.Annotator, "companion");

        async Task<HttpResponseMessage> GetAsync(string path) => await app.Client.GetAsync(new Uri(path, UriKind.Relative));
        using var stranger = await GetAsync("/export/labels.csv");
        await app.SignInAsync("lin@example.com");
        foreach (var file in new[] { "csv", "jsonl", "label-studio.json", "argilla.jsonl" })
        {
            using var answer = await GetAsync("/export/labels." + file);
            Assert.Contains("mine", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            Assert.Matches($@"^attachment; filename=""?labels-\d{{8}}-\d{{6}}\.{file}", answer.Content.Headers.ContentDisposition?.ToString());
        }
        using var unknown = await GetAsync("/export/labels.docx");
        using var noQueue = await GetAsync("/export/labels.csv?queue=7");
        using var unreadable = await GetAsync("/export/labels.csv?queue=x");
        await app.SignInAsync("wu@example.com");
        using var annotator = await GetAsync("/export/labels.csv");

        Assert.Equal(
            [HttpStatusCode.Redirect, HttpStatusCode.NotFound, HttpStatusCode.NotFound, HttpStatusCode.BadRequest, HttpStatusCode.Forbidden],
            new[] { stranger, unknown, noQueue, unreadable, annotator }.Select(a => a.StatusCode));
    }

    [Fact]
    public async Task ExportCommand_WritesWhatImportReads()
    {
        using var folder = new TemporaryFolder();
        var line = """{"session_id":"s-1","biz_code":"companion","robot_id":"r","user_id":"u","messages":[{"msg_id":"m-1","sender_type":"bot","content":"还没呢"}]}""";
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "in.jsonl"), line + "\n");
        var output = Path.Combine(folder.Path, "out.jsonl");

        await Cli.RunAsync(folder.Path, null, "import", Path.Combine(folder.Path, "in.jsonl"));
        var export = await Cli.RunAsync(folder.Path, null, "export", "sessions", "--format", "jsonl", "--out", output);
        var wrong = await Cli.RunAsync(folder.Path, null, "export", "sessions", "--format", "docx", "--out", output);

        Assert.Equal((0, 2), (export.ExitCode, wrong.ExitCode));
        Assert.Contains("1 sessions written", export.Out, StringComparison.Ordinal);
        Assert.Contains("expected csv, xlsx or jsonl", wrong.Error, StringComparison.Ordinal);
        Assert.Contains("还没呢", await File.ReadAllTextAsync(output), StringComparison.Ordinal);
    }
}
