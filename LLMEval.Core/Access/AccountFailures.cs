using LLMEval.Core.Common;
using Microsoft.AspNetCore.Identity;

namespace LLMEval.Core.Access;

internal static class AccountFailures
{
    /// <summary>Identity's first complaint as one of our codes.</summary>
    internal static Failure ToFailure(this IdentityResult result, string email, int passwordLength)
    {
        var code = result.Errors.First().Code;
        return code switch
        {
            nameof(IdentityErrorDescriber.DuplicateUserName) or nameof(IdentityErrorDescriber.DuplicateEmail) => new Failure(FailureKind.Conflict, "EmailTaken", email) { Field = "Email" },
            nameof(IdentityErrorDescriber.InvalidUserName) or nameof(IdentityErrorDescriber.InvalidEmail) => Failure.Invalid("EmailInvalid", "Email", email),
            nameof(IdentityErrorDescriber.PasswordTooShort) => Failure.Invalid("PasswordTooShort", "Password", passwordLength),
            nameof(IdentityErrorDescriber.PasswordRequiresUniqueChars) => Failure.Invalid("PasswordTooSimple", "Password"),
            nameof(IdentityErrorDescriber.ConcurrencyFailure) => Failure.Conflict("AccountChanged"),
            _ => Failure.Invalid("AccountRefused", "Email", code),
        };
    }

    /// <summary>Identity takes anything without blanks for an address; a typing error should show before a person is locked out by it.</summary>
    internal static bool IsEmail(string? text) =>
        text is { Length: >= 3 and <= 256 } && System.Net.Mail.MailAddress.TryCreate(text, out var address) && address.Address == text;
}
