using LLMEval.Core.Data;
using LLMEval.Core.Targets;
using LLMEval.Tests.Support;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace LLMEval.Tests.Core.Targets;

/// <summary>The slice as the host registers it, over a test's database.</summary>
internal static class TargetServices
{
    public static ServiceProvider Over(TestDatabase database, TimeProvider? clock = null, params (string Key, string Value)[] settings) => new ServiceCollection()
        .AddLogging()
        .AddSingleton(clock ?? TimeProvider.System)
        .AddSingleton<IDbContextFactory<LLMEvalDbContext>>(database.Contexts)
        .AddSingleton<IDataProtectionProvider>(new EphemeralDataProtectionProvider())
        .AddTargets(new ConfigurationBuilder().AddInMemoryCollection(settings.Select(s => KeyValuePair.Create(s.Key, (string?)s.Value))).Build())
        .BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true, ValidateScopes = true });
}
