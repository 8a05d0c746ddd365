using LLMEval.Core.Samples;

namespace LLMEval.Tests.Core.Samples;

public sealed class LanguagesTests
{
    [Theory]
    [InlineData("\u4eca\u5929\u5fc3\u60c5\u4e0d\u597d", Languages.Chinese)]
    [InlineData("\u6211\u5728\u7528 iPhone", Languages.Chinese)]
    [InlineData("please translate \u4f60\u597d into English for me", Languages.English)]
    [InlineData("caf\u00e9", Languages.English)]
    [InlineData("\u3053\u3093\u306b\u3061\u306f\u4e16\u754c", Languages.Japanese)]
    [InlineData("\uc548\ub155\ud558\uc138\uc694", Languages.Korean)]
    [InlineData("\u041f\u0440\u0438\u0432\u0435\u0442 John", Languages.Other)]
    [InlineData("123 !? \ud83d\ude00", Languages.Other)]
    [InlineData("", Languages.Other)]
    [InlineData("\ud83d", Languages.Other)]
    [InlineData("\ud840\udc00", Languages.Chinese)]
    public void Of_Text_IsToldByItsLetters(string text, string expected) => Assert.Equal(expected, Languages.Of(text));
}
