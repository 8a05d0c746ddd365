using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;

namespace LLMEval.Core.Targets;

/// <summary>Encrypts the secrets of target versions with the installation's key ring.</summary>
public sealed class SecretBox(IDataProtectionProvider provider)
{
    private readonly IDataProtector _protector = provider.CreateProtector("LLMEval.Targets.Secret");

    public string Close(string secret) => _protector.Protect(secret);

    /// <summary>Null when the key ring that closed it is gone: the secret must then be entered again.</summary>
    public string? TryOpen(string cipher)
    {
        try
        {
            return _protector.Unprotect(cipher);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
