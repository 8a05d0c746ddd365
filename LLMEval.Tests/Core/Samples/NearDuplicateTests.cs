using LLMEval.Core.Data;
using LLMEval.Core.Samples;
using LLMEval.Core.Sampling;
using LLMEval.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Tests.Core.Samples;

public sealed class NearDuplicateTests
{
    [Theory]
    [InlineData("abcd", "abcd", 1)]
    [InlineData("abcd", "ABCD!", 1)]
    [InlineData("abcd", "bcde", 0.5)]
    [InlineData("\u4f60\u597d\u5417\uff1f", "\u4f60\u597d \u5417", 1)]
    [InlineData("\u4f60\u597d\u5417", "\u4f60\u597d\u554a", 1 / 3.0)]
    [InlineData("a", "a", 1)]
    [InlineData("a", "ab", 0)]
    [InlineData("?", "?", 1)]
    [InlineData("?", "!", 0)]
    [InlineData("", "", 0)]
    [InlineData(" \n", "", 0)]
    [InlineData("\ud83d\ude00", "\ud83d\ude00", 1)]
    [InlineData("\ud83d\ude00\ud83d\ude01", "\ud83d\ude00\ud83d\ude02", 0)]
    [InlineData("\uff21\uff22\uff23", "abc", 1)]
    public void Similarity_OfTwoTexts_IsJaccardsOfTheirCharacterPairs(string one, string two, double expected)
    {
        var (a, b) = (NearDuplicates.Grams(one), NearDuplicates.Grams(two));

        Assert.Equal(expected, NearDuplicates.Similarity(a, b), 12);
        Assert.Equal(expected, NearDuplicates.Similarity(b, a), 12);
    }

    /// <summary>The keys are stored: were they made differently one day, what is stored would no longer be found.</summary>
    [Fact]
    public void Keys_OfAText_StayWhatTheyAre()
    {
        Assert.Equal(NearDuplicates.Bands, NearDuplicates.Keys(NearDuplicates.Grams("abc")).Distinct().Count());
        Assert.Equal(5511595331518565988, NearDuplicates.Keys(NearDuplicates.Grams("abc"))[0]);
        Assert.Empty(NearDuplicates.Keys(NearDuplicates.Grams("  ")));
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Compare_ExactNearAndOther_PointsToTheFirstThatSaysTheSame(DatabaseProvider provider)
    {
        await using var pool = await PoolHost.CreateAsync(provider);
        const string chinese = "\u6211\u6700\u8fd1\u603b\u662f\u7761\u4e0d\u597d\uff0c\u534a\u591c\u4f1a\u9192\u597d\u51e0\u6b21\uff0c\u767d\u5929\u4e5f\u6ca1\u6709\u7cbe\u795e\uff0c\u8be5\u600e\u4e48\u529e\u624d\u597d";
        const string english = "I have trouble sleeping at night and feel tired the whole day, what should I do about it?";
        var ids = await pool.AddAsync(chinese, english, chinese + "\u5462\uff1f", english.ToUpperInvariant() + "!!", "Something else entirely: how do I bake bread?", "\u55ef", "\u554a", "\u55ef!", "...", "...?", chinese.Replace("\u534a\u591c", "\u6bcf\u5929\u51cc\u6668", StringComparison.Ordinal));

        Assert.Equal(ids.Count, await pool.Get<CompareSamples>().ExecuteAsync(default));

        var samples = await AllAsync(pool);
        long? First(int i) => samples[ids[i]].DuplicateOfId;
        Assert.Equal([null, null, ids[0], ids[1], null, null, null, ids[5]], Enumerable.Range(0, 8).Select(First));
        Assert.Equal((null, null), (First(8), First(9)));
        Assert.Equal(ids[0], First(10));
        Assert.Equal(1, samples[ids[3]].Similarity);
        Assert.InRange(samples[ids[2]].Similarity!.Value, 0.9, 0.999);
        Assert.InRange(samples[ids[10]].Similarity!.Value, NearDuplicates.Threshold, 0.95);
        Assert.All(samples.Values, s => Assert.True(s.IsCompared));
        Assert.Equal(0, await pool.Get<CompareSamples>().ExecuteAsync(default));
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Compare_FirstRemovedAndBroughtBack_TheNextIsFirstMeanwhileAndStaysSo(DatabaseProvider provider)
    {
        await using var pool = await PoolHost.CreateAsync(provider);
        string[] same = ["How do I get over it?", "How do I get over it", "how do I get over it!"];
        var ids = await pool.AddAsync(same);
        var compare = pool.Get<CompareSamples>();
        await compare.ExecuteAsync(default);

        var removal = await pool.OperateAsync(new PoolOperationRequest(PoolWork.Remove) { SampleIds = [ids[0]] });
        await compare.ExecuteAsync(default);
        var meanwhile = await AllAsync(pool);
        await pool.UndoAsync(removal.Id);
        await compare.ExecuteAsync(default);
        var after = await AllAsync(pool);

        Assert.Equal([null, ids[1]], ids.Skip(1).Select(id => meanwhile[id].DuplicateOfId));
        Assert.Equal([ids[1], null, ids[1]], ids.Select(id => after[id].DuplicateOfId));
    }

    /// <summary>Groups of ten nearly equal texts in an order that mixes them; and the same work done twice finds nothing new.</summary>
    [Theory, OnSqlite, OnMySql]
    public async Task Compare_FiveThousand_FindsEachGroupOnce(DatabaseProvider provider)
    {
        await using var pool = await PoolHost.CreateAsync(provider);
        var random = new Random(3);
        var groups = Enumerable.Range(0, 500).Select(_ => new string([.. Enumerable.Range(0, 40).Select(_ => (char)(0x4e00 + random.Next(4000)))])).ToList();
        var ids = await pool.AddAsync([.. Enumerable.Range(0, 10).SelectMany(copy => groups.Select(text => text + (char)('a' + copy)))]);

        await pool.Get<CompareSamples>().ExecuteAsync(default);

        var samples = await AllAsync(pool);
        Assert.All(ids.Take(500), id => Assert.Null(samples[id].DuplicateOfId));
        var found = ids.Skip(500).Where((id, i) => samples[id].DuplicateOfId == ids[i % 500]).Count();
        // 38 of 41 pairs are shared at least: 99.9 % of them are found, as the summary of the class says.
        Assert.InRange(found, 4480, 4500);
    }

    private static async Task<Dictionary<long, Sample>> AllAsync(PoolHost pool)
    {
        await using var db = pool.Database.Open();
        return await db.Samples.AsNoTracking().ToDictionaryAsync(s => s.Id);
    }
}
