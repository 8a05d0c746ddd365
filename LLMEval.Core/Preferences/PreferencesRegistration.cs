using Microsoft.Extensions.DependencyInjection;

namespace LLMEval.Core.Preferences;

public static class PreferencesRegistration
{
    public static IServiceCollection AddPreferences(this IServiceCollection services) =>
        services.AddSingleton<SavedViewQueries>().AddSingleton<SaveView>().AddSingleton<DeleteView>().AddSingleton<UserSettings>();
}
