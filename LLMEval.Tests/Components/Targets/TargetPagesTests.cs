using AngleSharp.Dom;
using Bunit;
using LLMEval.Blazor;
using LLMEval.Core.Access;
using LLMEval.Core.Data;
using LLMEval.Core.Targets;
using LLMEval.Tests.Support;

namespace LLMEval.Tests.Components.Targets;

public sealed class TargetPagesTests
{
    [Fact]
    public async Task Targets_AsAnAnnotator_IsRefused()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        await using var pages = new PageContext(database);
        await pages.SignInAsync(RoleNames.Annotator);

        var page = pages.Open("/targets");

        page.WaitForAssertion(() => Assert.Equal("You may not open this page", page.Find("main h1").TextContent));
    }

    [Fact]
    public async Task Create_WithMistakes_SaysEachBesideItsField_ThenOpensTheTarget()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        await using var pages = new PageContext(database);
        await pages.SignInAsync();
        var page = pages.Open("/targets");
        page.WaitForElement(".page-header-actions button").Click();
        page.WaitForElement(".target-fields input").Change("bot");
        Field(page, "Endpoint").Change("ftp://x");

        Submit(page);

        page.WaitForAssertion(() => Assert.Contains("“ftp://x” is no endpoint", page.Find(".version-fields").TextContent, StringComparison.Ordinal));
        Field(page, "Endpoint").Change("https://api.example.com/v1/");
        Field(page, "Model").Change("m-1");
        Field(page, "API key").Change("sk-very-secret");
        Field(page, "Parameters").Change("{\"temperature\": 0.");
        Submit(page);
        page.WaitForAssertion(() => Assert.Contains("The parameters must be a JSON object.", page.Find(".version-fields").TextContent, StringComparison.Ordinal));
        Field(page, "Parameters").Change("{\"temperature\": 0.5}");
        Submit(page);

        page.WaitForAssertion(() => Assert.Equal("bot@1", page.Find(".version-head h2").TextContent));
        Assert.Equal("/targets/1", pages.Address);
        Assert.Contains("\"temperature\": 0.5", page.Find(".json-block").TextContent, StringComparison.Ordinal);
        Assert.DoesNotContain("sk-very-secret", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task NewVersion_StartsFromTheNewest_AndKeepsTheSecretUnseen()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        await using var pages = new PageContext(database, "zh-CN");
        await pages.SignInAsync();
        var version = new TargetVersionRequest("https://api.example.com/v1", "m-1", "sk-very-secret", Parameters: System.Text.Json.JsonElement.Parse("""{"top_p":0.9}"""));
        await pages.Get<AddTarget>().ExecuteAsync(new TargetRequest("bot", null, Connector.OpenAI, version), database.Admin, default);
        var page = pages.Open("/targets/1");
        page.WaitForElement(".page-header-actions button").Click();
        page.WaitForElement(".version-fields");
        Assert.Equal("m-1", Field(page, "模型").GetAttribute("value"));
        Assert.DoesNotContain("sk-very-secret", page.Markup, StringComparison.Ordinal);

        Field(page, "模型").Change("m-2");
        Submit(page);

        page.WaitForAssertion(() => Assert.Equal(["bot@2", "bot@1"], page.FindAll(".version-head h2").Select(h => h.TextContent)));
        Assert.Equal(2, page.FindAll("dd").Count(d => d.TextContent == "已保存"));
    }

    [Fact]
    public async Task Target_ThatIsNotThere_SaysSo()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        await using var pages = new PageContext(database);
        await pages.SignInAsync(RoleNames.Viewer);

        var page = pages.Open("/targets/77");

        page.WaitForAssertion(() => Assert.Equal("There is no such target", page.Find("main h1").TextContent));
    }

    /// <summary>The input or text area under a label, as a person finds it.</summary>
    private static IElement Field(IRenderedComponent<Routes> page, string label)
    {
        var id = page.FindAll(".mud-dialog label").First(l => l.TextContent.Trim() == label).GetAttribute("for");
        return page.Find($"#{id}");
    }

    private static void Submit(IRenderedComponent<Routes> page) => page.FindAll(".mud-dialog-actions button")[^1].Click();
}
