using LLMEval.Blazor.Resources;
using LLMEval.Core.Access;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Localization;

namespace LLMEval.Blazor.Account;

/// <summary>Plain requests, no circuit: signing in writes a cookie.</summary>
public sealed partial class LoginPage(SignInManager<User> signIn, NavigationManager navigation, IStringLocalizer<AccountTexts> words)
{
    /// <summary>Value of <see cref="Notice"/> after a password was set.</summary>
    public const string PasswordSet = "password";
    private string? _error;

    [SupplyParameterFromForm(FormName = "login")]
    private LoginFormModel? Input { get; set; }

    private LoginFormModel Form => Input ??= new();

    [SupplyParameterFromQuery]
    private string? ReturnUrl { get; set; }

    [SupplyParameterFromQuery]
    private string? Notice { get; set; }

    private async Task SignInAsync()
    {
        var email = Form.Email?.Trim() ?? "";
        var user = await signIn.UserManager.FindByEmailAsync(email);
        if (user is not { IsDisabled: false, PasswordHash: not null })
        {
            // As slow as a real check, so that nobody can tell by the clock which addresses have accounts.
            signIn.UserManager.PasswordHasher.HashPassword(new User(), Form.Password ?? "");
            _error = words["SignInFailed"];
            return;
        }
        var result = await signIn.PasswordSignInAsync(user, Form.Password ?? "", Form.IsRemembered, lockoutOnFailure: true);
        if (result.Succeeded)
        {
            navigation.NavigateTo(Urls.LocalOrHome(ReturnUrl));
        }
        else
        {
            _error = result.IsLockedOut ? words["LockedOut"] : words["SignInFailed"];
        }
    }
}

public sealed class LoginFormModel
{
    public string? Email { get; set; }
    public string? Password { get; set; }
    public bool IsRemembered { get; set; }
}
