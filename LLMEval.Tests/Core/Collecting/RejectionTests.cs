using System.Globalization;
using System.Resources;
using System.Text.RegularExpressions;
using LLMEval.Blazor.Resources;
using LLMEval.Core.Sessions;

namespace LLMEval.Tests.Core.Collecting;

public sealed partial class RejectionTests
{
    [Theory]
    [InlineData("")]
    [InlineData("zh-CN")]
    public void EveryRejection_HasItsSentenceInTheInterface_WithTheSameGaps(string culture)
    {
        var texts = new ResourceManager("LLMEval.Blazor.Resources.Rejections", typeof(RejectionsTexts).Assembly).GetResourceSet(CultureInfo.GetCultureInfo(culture), createIfNotExists: true, tryParents: false);

        foreach (var (code, sentence) in Rejection.Sentences)
        {
            var text = texts?.GetString(code);
            Assert.True(text is not null, $"{code} has no sentence in '{culture}'.");
            Assert.Equal(Gaps(sentence), Gaps(text));
        }
    }

    private static IEnumerable<string> Gaps(string text) => Gap().Matches(text).Select(m => m.Value).Order();

    [GeneratedRegex(@"\{\d")]
    private static partial Regex Gap();
}
