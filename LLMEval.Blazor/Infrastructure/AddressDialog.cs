using Microsoft.AspNetCore.Components;

namespace LLMEval.Blazor.Infrastructure;

/// <summary>
/// A dialog that belongs to an address: opened when the address names something, gone when it does not any more. Show it with <c>CloseOnNavigation</c>, or Back leaves it open;
/// and call this after each render, not while parameters are set, or the very change of address that opened it closes it again.
/// </summary>
public sealed class AddressDialog
{
    private object? _shown;

    /// <summary>Shows what the address names, once. True when the person closed it, so that the address must follow; false when the address changed first.</summary>
    public async Task<bool> ShowAsync<T>(T? named, NavigationManager navigation, Func<T, Task> show) where T : struct
    {
        if (Equals(named, _shown))
        {
            return false;
        }
        _shown = named;
        if (named is not { } key)
        {
            return false;
        }
        var address = navigation.Uri;
        await show(key);
        return navigation.Uri == address;
    }
}
