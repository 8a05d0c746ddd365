using LLMEval.Blazor.Infrastructure;
using LLMEval.Blazor.Resources;
using LLMEval.Core.Access;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Localization;

namespace LLMEval.Blazor.Account;

/// <summary>The first administrator, by the one-time link that the server prints while nobody has an account.</summary>
public sealed partial class SetupPage(FirstAdmin admin, SignInManager<User> signIn, NavigationManager navigation, FailureTexts failures, IStringLocalizer<AccountTexts> words)
{
    private bool _isOpen;
    private string? _error;
    private string? _field;

    [SupplyParameterFromForm(FormName = "setup")]
    private NewPasswordFormModel? Input { get; set; }

    private NewPasswordFormModel Form => Input ??= new();

    [SupplyParameterFromQuery]
    private string? Token { get; set; }

    [CascadingParameter]
    private HttpContext HttpContext { get; set; } = default!;

    protected override async Task OnInitializedAsync() => _isOpen = await admin.IsOpenAsync(Token, HttpContext.RequestAborted);

    private async Task CreateAsync()
    {
        if (Form.Password != Form.Repeated)
        {
            (_field, _error) = ("Password", words["PasswordsDiffer"]);
            return;
        }
        var result = await admin.CreateAsync(new FirstAdminRequest(Token, Form.Email ?? "", Form.Password ?? ""), HttpContext.RequestAborted);
        if (result.Failure is { } failure)
        {
            (_field, _error) = (failure.Field, failures.Of(failure));
            return;
        }
        if (await signIn.UserManager.FindByEmailAsync(Form.Email!.Trim()) is { } user)
        {
            await signIn.SignInAsync(user, isPersistent: false);
        }
        navigation.NavigateTo(Urls.Home);
    }
}

public sealed class NewPasswordFormModel
{
    public string? Email { get; set; }
    public string? Password { get; set; }
    public string? Repeated { get; set; }
}
