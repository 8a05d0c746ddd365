using Bunit;
using LLMEval.Blazor.Controls;
using LLMEval.Blazor.Infrastructure;
using LLMEval.Blazor.Layout;
using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using LLMEval.Tests.Support;
using Microsoft.AspNetCore.Components;
using MudBlazor;
using Page = LLMEval.Core.Common.Page;

namespace LLMEval.Tests.Components.Layout;

public sealed class ShellTests
{
    [Theory]
    [InlineData(RoleNames.Admin, "Home|Sessions|Messages search|Import|Labelling|Sample pool|Evaluation sets|Targets|Runs|Reproductions")]
    [InlineData(RoleNames.Viewer, "Home|Sessions|Messages search|Sample pool|Evaluation sets|Targets|Runs|Reproductions")]
    [InlineData(RoleNames.Annotator, "Home|Labelling")]
    public async Task Navigation_ShowsWhatTheRoleMayOpen(string role, string entries)
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        await using var pages = new PageContext(database);
        await pages.SignInAsync(role);

        var page = pages.Open("/");

        page.WaitForAssertion(() => Assert.Equal(entries, string.Join('|', page.FindAll("nav.shell-nav .mud-nav-link-text").Select(e => e.TextContent.Trim()))));
    }

    [Fact]
    public async Task Open_APageBeyondTheRole_SaysSoInsideTheFrame()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        await using var pages = new PageContext(database);
        await pages.SignInAsync(RoleNames.Viewer);

        var page = pages.Open("/import");

        page.WaitForAssertion(() => Assert.Equal("You may not open this page", page.Find("main h1").TextContent));
    }

    [Fact]
    public async Task Open_WithoutBeingSignedIn_LeadsToSignInAndBack()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        await using var pages = new PageContext(database);

        pages.Open("/import?x=1");

        Assert.Equal("/account/login?ReturnUrl=%2Fimport%3Fx%3D1", pages.Address);
    }

    [Fact]
    public async Task Open_AnUnknownAddress_SaysSo()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        await using var pages = new PageContext(database, "zh-CN");
        await pages.SignInAsync();

        var page = pages.Open("/no/such/page");

        page.WaitForAssertion(() => Assert.Equal("没有这个页面", page.Find("main h1").TextContent));
    }

    [Fact]
    public async Task FaultBoundary_ShowsAWayOut_AndTriesAgain()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        await using var pages = new PageContext(database);
        Fragile.IsBroken = true;
        var boundary = pages.Bunit.Render<FaultBoundary>(p => p.AddChildContent<Fragile>());

        Assert.Contains("This page met an error", boundary.Markup, StringComparison.Ordinal);
        Assert.Matches("^[0-9a-f]{16}$", boundary.Find("code").TextContent);
        Assert.DoesNotContain("the secret cause", boundary.Markup, StringComparison.Ordinal);
        Fragile.IsBroken = false;
        boundary.Find("button").Click();

        Assert.Equal("whole again", boundary.Markup);
    }

    [Fact]
    public async Task KeysetPager_OffersOnlyWhereThereIsMore_AndSaysTheCap()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        await using var pages = new PageContext(database);
        var moves = new List<PagerMove>();
        var first = new Page<int>([1, 2], Cursor.At(2, 2), null, Page.CountCap, TotalIsCapped: true);

        var pager = pages.Bunit.Render<KeysetPager<int>>(p => p.Add(x => x.Page, first).Add(x => x.OnMove, moves.Add));
        pager.Find("button[aria-label='Next page']").Click();
        pager.Find("button[aria-label='Last page']").Click();

        Assert.Equal("10,000+ in total", pager.Find(".keyset-pager-total").TextContent);
        Assert.True(pager.Find("button[aria-label='Previous page']").HasAttribute("disabled"));
        Assert.Equal([PagerMove.Next, PagerMove.Last], moves);
        Assert.Equal(first.Next, new PageRequest().Turn(PagerMove.Next, first).After);
        Assert.True(new PageRequest(After: first.Next).Turn(PagerMove.Last, first) is { IsLast: true, After: null });
    }

    [Theory]
    [InlineData("en", "An account for a@b.c exists already.", "Close")]
    [InlineData("zh-CN", "a@b.c 的账号已存在。", "关闭")]
    public async Task Texts_SpeakTheReadersLanguage(string culture, string failure, string close)
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        await using var pages = new PageContext(database, culture);

        Assert.Equal(failure, pages.Get<FailureTexts>().Of(Failure.Conflict("EmailTaken", "a@b.c")));
        Assert.Equal(close, pages.Get<MudLocalizer>()["MudSnackbar_Close"].Value);
    }

    [Theory]
    [InlineData("2026-03-15T20:00:05", "2026-03-15 20:00:05", 12)]
    [InlineData("2026-03-15T20:00", "2026-03-15 20:00:00", 12)]
    [InlineData("2026-03-15", "2026-03-15 00:00:00", -8)]
    public async Task ZoneClock_ReadsAndShowsTheZonesTime(string typed, string shown, int utcHour)
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        await using var pages = new PageContext(database);
        var clock = pages.Get<ZoneClock>();

        var utc = clock.Parse(typed);

        Assert.Equal(new DateTime(2026, 3, 15, 0, 0, 0, DateTimeKind.Utc).AddHours(utcHour), utc!.Value.AddSeconds(-utc.Value.Second));
        Assert.Equal(DateTimeKind.Utc, utc.Value.Kind);
        Assert.Equal(shown, clock.Format(utc));
        Assert.Equal(utc, clock.Parse(clock.Write(utc.Value)));
        Assert.Null(clock.Parse("yesterday"));
    }

    private sealed class Fragile : ComponentBase
    {
        public static bool IsBroken { get; set; }

        protected override void BuildRenderTree(Microsoft.AspNetCore.Components.Rendering.RenderTreeBuilder builder)
        {
            if (IsBroken)
            {
                throw new InvalidOperationException("the secret cause");
            }
            builder.AddContent(0, "whole again");
        }
    }
}
