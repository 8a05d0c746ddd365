using System.Diagnostics;
using System.Text;
using LLMEval.Core.Collecting;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using LLMEval.Core.Search;
using LLMEval.Tests.Core.Collecting;
using LLMEval.Tests.Support;
using MathNet.Numerics.Random;
using Microsoft.EntityFrameworkCore;
using Xunit.Abstractions;

namespace LLMEval.Tests.Core.Search;

/// <summary>The index against the plain question, whether each message contains the text, over real conversations.</summary>
public class SearchOnRealDataTests(ITestOutputHelper output)
{
    [RealDataTheory, OnSqlite, OnMySql]
    public async Task Search_ForSubstringsOfRealMessages_FindsWhatReadingThemAllFinds(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        foreach (var name in new[] { "companion-zh.jsonl", "companion-en.jsonl" })
        {
            await using var file = File.OpenRead(Path.Combine(Tools.SharedData!, name));
            Assert.True((await database.Import().ExecuteAsync(new ImportRequest(file, name), database.Admin, null, default)).IsOk);
        }
        await MessageSearchTests.IndexAsync(database);
        await using var db = database.Open();
        var all = await db.Messages.Select(m => new { m.Id, m.SentAt, m.Content }).ToListAsync();
        var random = new Xoshiro256StarStar(20260301);
        var queries = MessageSearchTests.Queries(database);
        var texts = new List<string> { "我们", "的。", "，我", "I ", "不存在的词语", "睡觉", "退款", "😊", "...", "a b" };
        while (texts.Count < 150)
        {
            var runes = all[random.Next(all.Count)].Content.EnumerateRunes().ToList();
            var length = Math.Min(runes.Count, 2 + random.Next(texts.Count % 3 == 0 ? 12 : 3));
            var start = random.Next(runes.Count - length + 1);
            var text = string.Concat(runes.Skip(start).Take(length).Select(r => r.ToString()));
            if (text.Trim().EnumerateRunes().Count() > 1)
            {
                texts.Add(random.Next(2) == 0 ? text : text.ToUpperInvariant());
            }
        }
        var longest = TimeSpan.Zero;
        foreach (var text in texts)
        {
            var needle = Plain(text).Trim();
            var expected = all.Where(m => Plain(m.Content).Contains(needle, StringComparison.Ordinal)).OrderByDescending(m => m.SentAt).ThenByDescending(m => m.Id).Select(m => m.Id).ToList();
            var found = new List<long>();
            Page<MessageHit>? page = null;
            do
            {
                var watch = Stopwatch.StartNew();
                page = (await queries.PageAsync(new MessageSearchFilter { Text = text }, new PageRequest(After: page?.Next, Take: 200), database.Admin, default)).Value!.Page;
                longest = watch.Elapsed > longest ? watch.Elapsed : longest;
                found.AddRange(page.Items.Select(h => h.Id));
            }
            while (page.Next is not null && found.Count < 1000);
            Assert.True(expected.Take(found.Count).SequenceEqual(found), $"'{text}' finds other messages than reading them all: {found.Count} of {expected.Count}");
            Assert.True(found.Count >= Math.Min(1000, expected.Count), $"'{text}' finds {found.Count} of {expected.Count}");
        }
        output.WriteLine($"{all.Count} messages, {texts.Count} texts, slowest page {longest.TotalMilliseconds:0.0} ms");
    }

    // Case and width away, written otherwise than SearchText does it.
    private static string Plain(string text) => string.Concat(text.EnumerateRunes().Select(r => r.Value is >= 0xFF01 and <= 0xFF5E or 0x3000 ? r.ToString().Normalize(NormalizationForm.FormKC) : r.ToString()))
        .ToUpperInvariant().ToLowerInvariant();
}
