using System.Diagnostics;
using LLMEval.Core.Collecting;
using LLMEval.Core.Data;
using LLMEval.Core.Sessions;
using LLMEval.Core.Targets.Replay;
using LLMEval.Tests.Core.Collecting;
using LLMEval.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Xunit.Abstractions;

namespace LLMEval.Tests.Core.Targets;

/// <summary>The built-in bot over 2,800 real sessions.</summary>
public class RetrievalOnRealDataTests(ITestOutputHelper output)
{
    [RealDataFact]
    public async Task Answer_RealConversations_IsDeterministicAndTheTwoVersionsDiffer()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        await using (var file = File.OpenRead(Path.Combine(Tools.SharedData!, "companion-zh.jsonl")))
        {
            var imported = await database.Import().ExecuteAsync(new ImportRequest(file, "companion-zh.jsonl"), database.Admin, null, default);
            Assert.True(imported.IsOk);
        }
        await using var services = TargetServices.Over(database);
        var bot = services.GetRequiredService<RetrievalBot>();
        await using var db = database.Open();
        var asked = await db.Messages.Where(m => m.SenderType == SenderType.Bot && m.Ordinal >= 5).OrderBy(m => m.Id).Take(40).ToListAsync();
        var watch = Stopwatch.StartNew();
        await bot.GetResponseAsync("你好");
        output.WriteLine($"first answer, index included: {watch.Elapsed.TotalSeconds:0.00} s");

        var answers = new List<string>();
        watch.Restart();
        foreach (var message in asked)
        {
            var context = await db.Messages.Where(m => m.SessionId == message.SessionId && m.Ordinal < message.Ordinal).OrderBy(m => m.Ordinal)
                .Select(m => new ChatMessage(m.SenderType == SenderType.User ? ChatRole.User : ChatRole.Assistant, m.Content)).ToListAsync();
            foreach (var model in RetrievalBot.Models)
            {
                var options = new ChatOptions { ModelId = model, Seed = 11, Temperature = 0.8f, AdditionalProperties = new() { [RetrievalBot.SourceMessageId] = message.Id } };
                var answer = (await bot.GetResponseAsync(context, options)).Text;
                Assert.Equal(answer, (await bot.GetResponseAsync(context, options)).Text);
                answers.Add(answer);
                output.WriteLine($"{model}: {context[^1].Text} → {answer} (recorded: {message.Content})");
            }
        }
        output.WriteLine($"{watch.Elapsed.TotalMilliseconds / answers.Count / 2:0.0} ms an answer");

        Assert.All(answers, Assert.NotEmpty);
        Assert.True(answers.Distinct().Count() > 40);
        Assert.True(answers.Chunk(2).Count(pair => pair[0] != pair[1]) > 10);
    }
}
