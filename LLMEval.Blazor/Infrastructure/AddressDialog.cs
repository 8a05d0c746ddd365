using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;

namespace LLMEval.Blazor.Infrastructure;

/// <summary>
/// A dialog that belongs to an address: opened when the address names something, gone when it does not any more. Show it with <c>CloseOnNavigation</c>, or Back leaves it open;
/// and call this after each render, not while parameters are set, or the very change of address that opened it closes it again.
/// </summary>
public sealed class AddressDialog
{
    private object? _shown;

    /// <summary>
    /// Shows what the address names, once. True when the person closed it, so that the address must follow; false when the address changed first.
    /// <paramref name="ended"/> says that the page is gone, after which nothing is shown again.
    /// </summary>
    public async Task<bool> ShowAsync<T>(T? named, NavigationManager navigation, Func<T, Task> show, CancellationToken ended) where T : struct
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
        while (true)
        {
            var hasMoved = false;
            navigation.LocationChanged += Move;
            try
            {
                await show(key);
                // The change of address that closed the dialog has not reached everybody yet.
                await Task.Yield();
            }
            finally
            {
                navigation.LocationChanged -= Move;
            }
            if (!hasMoved)
            {
                return true;
            }
            // Back and Forward at once: the page may never render without the name, so that it is to be shown anew, here or after the next render.
            if (!Equals(_shown, key))
            {
                return false;
            }
            if (navigation.Uri != address || ended.IsCancellationRequested)
            {
                _shown = null;
                return false;
            }

            void Move(object? sender, LocationChangedEventArgs e) => hasMoved = true;
        }
    }
}
