using System.Security.Cryptography;
using System.Text;

namespace LLMEval.Core.Common;

/// <summary>SHA-256 of UTF-8 text in lower-case hexadecimal, shortened to 32 characters (128 bits): equal content, equal fingerprint.</summary>
public static class Fingerprint
{
    public const int Length = 32;

    public static string Of(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, Length / 2));

    /// <summary>Parts are separated by U+001F, so that moving a character from one part to the next changes the result.</summary>
    public static string Of(params ReadOnlySpan<string?> parts) => Of(string.Join('\u001f', parts.ToArray()));
}
