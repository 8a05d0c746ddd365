using LLMEval.Blazor;
using LLMEval.Blazor.Infrastructure;
using LLMEval.Core.Data;
using LLMEval.Tests.Support;
using Microsoft.Extensions.Configuration;

namespace LLMEval.Tests.Api;

public sealed class SettingsTests
{
    [Theory]
    [InlineData("Runs:MaxParalel=3", "'Runs:MaxParalel'", "'Runs:MaxParallel'")]
    [InlineData("Display:Timezone2=UTC", "'Display:Timezone2'", "'Display:TimeZone'")]
    [InlineData("Display:TimeZone=Mars/Olympus", "'Display:TimeZone'", "Mars/Olympus")]
    [InlineData("Display:Culture=fr", "'Display:Culture'", "zh-CN")]
    [InlineData("Runs:MaxParallel=many", "'Runs:MaxParallel'", "whole number")]
    [InlineData("Scheduler:Clustered=perhaps", "'Scheduler:Clustered'", "true or false")]
    [InlineData("Database:Provider=Oracle", "'Database:Provider'", "Sqlite or MySql")]
    [InlineData("Database:Provider=MySql", "'ConnectionStrings:LLMEval'", "missing")]
    public void Build_WithABadSetting_SaysWhichAndWhatIsMeant(string setting, string key, string hint)
    {
        var error = Assert.Throws<ConfigurationException>(() => LLMEvalApp.Build(["--" + setting]));

        Assert.Contains(key, error.Message, StringComparison.Ordinal);
        Assert.Contains(hint, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public async Task Build_WithAMisspeltSection_NamesTheSection()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        var file = Path.Combine(database.Folder, "wrong.json");
        await File.WriteAllTextAsync(file, """{ "Databse": { "Provider": "MySql" } }""");

        var error = Assert.Throws<ConfigurationException>(() => LLMEvalApp.Build([], builder => builder.Configuration.AddJsonFile(file)));

        Assert.Contains("did you mean 'Database'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void KnownSettings_CoverTheShippedFile()
    {
        var shipped = new ConfigurationBuilder().AddJsonFile(Path.Combine(Tools.ProjectRoot, "appsettings.json")).Build();
        var keys = KnownSettings.Sections.SelectMany(section => shipped.GetSection(section).AsEnumerable()).Where(pair => pair.Value is not null).Select(pair => pair.Key);

        Assert.All(keys, key => Assert.Contains(key, KnownSettings.All.Keys));
    }
}
