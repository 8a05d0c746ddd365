using LLMEval.Blazor.Resources;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Localization;
using Microsoft.JSInterop;
using MudBlazor;

namespace LLMEval.Blazor.Layout;

/// <summary>The frame: bar, navigation, the page inside an error boundary.</summary>
public sealed partial class MainLayout(NavigationManager navigation, IJSRuntime script, IStringLocalizer<ShellTexts> texts)
{
    private MudThemeProvider? _provider;
    private FaultBoundary? _boundary;
    private bool _isDark;
    private bool _isDrawerOpen = true;

    [CascadingParameter(Name = Themes.Cascade)]
    private string? Theme { get; set; }

    private IStringLocalizer<ShellTexts> Texts => texts;

    // A bare "#content" would lead to the base address.
    private string SkipTarget => navigation.ToAbsoluteUri(navigation.Uri).PathAndQuery + "#content";

    protected override void OnInitialized() => _isDark = Theme == Themes.Dark;

    // A new page deserves a new try.
    protected override void OnParametersSet() => _boundary?.Recover();

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender && Theme is null && _provider is not null && await _provider.GetSystemDarkModeAsync())
        {
            _isDark = true;
            StateHasChanged();
        }
    }

    private void ToggleDrawer() => _isDrawerOpen = !_isDrawerOpen;

    private async Task ToggleThemeAsync()
    {
        _isDark = !_isDark;
        await script.InvokeVoidAsync("llmeval.setTheme", _isDark ? Themes.Dark : Themes.Light);
    }

    private void SetCulture(string culture) =>
        navigation.NavigateTo(Urls.Culture(culture, "/" + navigation.ToBaseRelativePath(navigation.Uri)), forceLoad: true);
}
