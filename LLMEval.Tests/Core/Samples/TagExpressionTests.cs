using LLMEval.Core.Data;
using LLMEval.Core.Samples;
using LLMEval.Tests.Support;
using static LLMEval.Core.Samples.TagExpression;

namespace LLMEval.Tests.Core.Samples;

public sealed class TagExpressionTests
{
    [Theory]
    [InlineData("a", "a")]
    [InlineData(" a/b//c/ ", "a/b/c")]
    [InlineData("\" a / b \"", "a/b")]
    [InlineData("a/b", "a/b")]
    [InlineData("a or b and not c", "(a | (b & !c))")]
    [InlineData("a b | c", "((a & b) | c)")]
    [InlineData("NOT (a OR b) And c", "(!(a | b) & c)")]
    [InlineData("a && b || !c", "((a & b) | !c)")]
    [InlineData("!!a", "!!a")]
    [InlineData("\"not\" and \"two words\"", "(not & two words)")]
    [InlineData("\"a\"\"b\"", "a\"b")]
    [InlineData("\u7761\u7720 \u4e14 \u975e\uff08\u60c5\u7eea/\u4f4e\u843d \u6216 \u5de5\u4f5c\uff09", "(\u7761\u7720 & !(\u60c5\u7eea/\u4f4e\u843d | \u5de5\u4f5c))")]
    [InlineData("android", "android")]
    [InlineData("a not b", "(a & !b)")]
    public void Parse_Readable_IsGroupedAsDocumented(string text, string expected)
    {
        var parsed = Parse(text);

        Assert.Null(parsed.Failure);
        Assert.Equal(expected, Written(parsed.Value!));
    }

    [Theory]
    [InlineData("a or", "TagExpressionName", "5")]
    [InlineData("and a", "TagExpressionName", "1")]
    [InlineData("a & | b", "TagExpressionName", "5")]
    [InlineData("()", "TagExpressionName", "2")]
    [InlineData("not", "TagExpressionName", "4")]
    [InlineData("a)", "TagExpressionEnd", "2")]
    [InlineData("(a or (b)", "TagExpressionBracket", "10")]
    [InlineData("\"open", "TagExpressionQuote", "1")]
    [InlineData("\"\"", "TagExpressionName", "3")]
    [InlineData("/", "TagExpressionName", "2")]
    public void Parse_Unreadable_NamesThePlace(string text, string code, string place)
    {
        var failure = Parse(text).Failure;

        Assert.Equal((code, "tags"), (failure?.Code, failure?.Field));
        Assert.Equal([place], failure!.Args);
    }

    [Fact]
    public void Parse_DeepOrLong_IsRefusedAndNotAFault()
    {
        Assert.Equal("TagExpressionDeep", Parse(new string('(', 200) + "a" + new string(')', 200)).Failure?.Code);
        Assert.Equal("TagExpressionDeep", Parse(new string('!', 499) + "a").Failure?.Code);
        Assert.Equal("TextTooLong", Parse(new string('a', MaxLength + 1)).Failure?.Code);
        Assert.Null(Parse(new string('(', 25) + "a" + new string(')', 25)).Failure);
    }

    /// <summary>Expressions by a seeded generator, against what they mean.</summary>
    [Theory, OnSqlite, OnMySql]
    public async Task Predicate_ManyExpressions_FindsWhatTheExpressionMeans(DatabaseProvider provider)
    {
        string[] names = ["a", "a/b", "a/b/c", "a0", "a-", "A", "ab", "a b", "\u7761\u7720", "\u7761\u7720/\u5931\u7720", "%", "_", "a'b", "a\\b"];
        var random = new Random(5);
        await using var pool = await PoolHost.CreateAsync(provider);
        var carried = Enumerable.Range(0, 60).Select(_ => names.Where(_ => random.Next(4) == 0).ToArray()).ToList();
        var ids = await pool.AddAsync(carried.Select((tags, i) => PoolHost.Draft($"question {i}", tags)));

        for (var i = 0; i < 40; i++)
        {
            var text = Random(random, names, 3);
            var expression = Parse(text).Value!;
            var expected = ids.Zip(carried).Where(x => Holds(expression, x.Second)).Select(x => x.First).ToList();

            Assert.True(expected.SequenceEqual(await pool.FoundAsync(new SampleFilter { Tags = text })), text);
        }
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Predicate_AsManyNamesAsFit_IsAnswered(DatabaseProvider provider)
    {
        await using var pool = await PoolHost.CreateAsync(provider);
        var ids = await pool.AddAsync([PoolHost.Draft("one", "x"), PoolHost.Draft("two", "y")]);

        Assert.Equal([ids[0]], await pool.FoundAsync(new SampleFilter { Tags = string.Join(' ', Enumerable.Repeat("x", 250)) }));
        Assert.Equal([ids[1]], await pool.FoundAsync(new SampleFilter { Tags = string.Join('|', Enumerable.Repeat("z", 249).Append("y")) }));
    }

    private static string Random(Random random, string[] names, int depth) => (depth == 0 ? 0 : random.Next(4)) switch
    {
        1 => $"({Random(random, names, depth - 1)} and {Random(random, names, depth - 1)})",
        2 => $"({Random(random, names, depth - 1)} or {Random(random, names, depth - 1)})",
        3 => $"not {Random(random, names, depth - 1)}",
        _ => $"\"{names[random.Next(names.Length)]}\"",
    };

    private static bool Holds(TagExpression expression, string[] tags) => expression switch
    {
        Tag tag => tags.Any(t => t == tag.Path || t.StartsWith(tag.Path + "/", StringComparison.Ordinal)),
        Not not => !Holds(not.Of, tags),
        And and => Holds(and.Left, tags) && Holds(and.Right, tags),
        Or or => Holds(or.Left, tags) || Holds(or.Right, tags),
        _ => throw new InvalidOperationException(),
    };

    private static string Written(TagExpression expression) => expression switch
    {
        Tag tag => tag.Path,
        Not not => "!" + Written(not.Of),
        And and => $"({Written(and.Left)} & {Written(and.Right)})",
        Or or => $"({Written(or.Left)} | {Written(or.Right)})",
        _ => throw new InvalidOperationException(),
    };
}
