using System.Globalization;
using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;

namespace LLMEval.Core.Access;

/// <summary>Makes and reads the tokens of one-time links: encrypted, bound to a purpose, a subject and a moment of expiry. Using one only once is the business of who reads it.</summary>
public sealed class OneTimeTokens(IDataProtectionProvider protection, TimeProvider clock)
{
    public string Create(string purpose, string subject, TimeSpan lifetime)
    {
        var expires = clock.GetUtcNow().Add(lifetime).UtcTicks;
        return protection.CreateProtector("LLMEval.OneTime", purpose).Protect(string.Create(CultureInfo.InvariantCulture, $"{expires}|{subject}"));
    }

    /// <summary>The subject, or null when the token is not ours, was made for another purpose, or has expired.</summary>
    public string? Read(string purpose, string? token)
    {
        if (string.IsNullOrEmpty(token) || token.Length > 2000)
        {
            return null;
        }
        try
        {
            var parts = protection.CreateProtector("LLMEval.OneTime", purpose).Unprotect(token).Split('|', 2);
            return long.Parse(parts[0], CultureInfo.InvariantCulture) > clock.GetUtcNow().UtcTicks ? parts[1] : null;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
