using LLMEval.Core.Common;

namespace LLMEval.Core.Samples;

/// <summary>Tells a text's language by its letters. Latin letters are taken for English: enough to keep Chinese and English samples apart, not to tell French from German.</summary>
public static class Languages
{
    public const string Chinese = "zh";
    public const string Japanese = "ja";
    public const string Korean = "ko";
    public const string English = "en";

    /// <summary>No letters, or letters of another script.</summary>
    public const string Other = "other";

    public static IReadOnlyList<string> All { get; } = [Chinese, English, Japanese, Korean, Other];

    /// <summary>A Chinese text with an English name in it stays Chinese: one Han character weighs as much as three Latin letters, about a word's worth of meaning each.</summary>
    public static string Of(string text)
    {
        var (han, kana, hangul, latin, other) = (0, 0, 0, 0, 0);
        foreach (var rune in text.EnumerateRunes())
        {
            switch (rune.Value)
            {
                case >= 0x3040 and <= 0x30FF:
                    kana++;
                    break;
                case >= 0xAC00 and <= 0xD7AF:
                    hangul++;
                    break;
                case >= 'A' and <= 'Z' or >= 'a' and <= 'z' or (>= 0xC0 and <= 0x24F and not 0xD7 and not 0xF7):
                    latin++;
                    break;
                case var value when Characters.IsCjk(value):
                    han++;
                    break;
                default:
                    other += System.Text.Rune.IsLetter(rune) ? 1 : 0;
                    break;
            }
        }
        var east = (han + kana + hangul) * 3;
        return east == 0 && latin == 0 ? Other
            : other > east + latin ? Other
            : latin > east ? English
            : hangul > han + kana ? Korean
            : kana * 5 > han ? Japanese
            : Chinese;
    }
}
