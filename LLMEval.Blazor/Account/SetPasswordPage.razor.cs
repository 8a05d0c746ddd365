using LLMEval.Blazor.Infrastructure;
using LLMEval.Blazor.Resources;
using LLMEval.Core.Access;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Localization;

namespace LLMEval.Blazor.Account;

/// <summary>A password by the one-time link of a new or a reset account.</summary>
public sealed partial class SetPasswordPage(SetPassword setPassword, NavigationManager navigation, FailureTexts failures, IStringLocalizer<AccountTexts> words)
{
    private string? _email;
    private string? _error;

    [SupplyParameterFromForm(FormName = "password")]
    private NewPasswordFormModel? Input { get; set; }

    private NewPasswordFormModel Form => Input ??= new();

    [SupplyParameterFromQuery]
    private string? Token { get; set; }

    [CascadingParameter]
    private HttpContext HttpContext { get; set; } = default!;

    protected override async Task OnInitializedAsync() => _email = await setPassword.EmailOfAsync(Token);

    private async Task SetAsync()
    {
        if (Form.Password != Form.Repeated)
        {
            _error = words["PasswordsDiffer"];
            return;
        }
        var result = await setPassword.ExecuteAsync(Token, Form.Password ?? "", HttpContext.RequestAborted);
        if (result.Failure is { } failure)
        {
            _error = failures.Of(failure);
            return;
        }
        navigation.NavigateTo(Urls.With(Urls.Login, ("Notice", LoginPage.PasswordSet)));
    }
}
