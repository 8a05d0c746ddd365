using LLMEval.Core.Collecting.Sets;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace LLMEval.Core.Collecting;

public static class CollectingRegistration
{
    /// <summary>Ends with a <see cref="Data.ConfigurationException"/> when a key of <c>Import</c> cannot be used.</summary>
    public static IServiceCollection AddCollecting(this IServiceCollection services, IConfiguration configuration) =>
        services.AddSingleton(ImportOptions.From(configuration)).AddSingleton<ImportFile>().AddSingleton<ImportLabels>().AddSingleton<SetItemsReader>()
            .AddSingleton<SetFileReader>().AddSingleton<ImportSet>();
}
