using System.Diagnostics;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;

namespace LLMEval.Blazor.Layout;

/// <summary>Shows <see cref="PageFault"/> instead of a page that broke, and logs the defect once under the id that the person sees.</summary>
public sealed class FaultBoundary(ILogger<FaultBoundary> logger) : ErrorBoundaryBase
{
    private string _traceId = "";

    protected override Task OnErrorAsync(Exception exception)
    {
        _traceId = (Activity.Current?.TraceId ?? ActivityTraceId.CreateRandom()).ToString()[..16];
        logger.LogError(exception, "A page broke; its user was shown trace id {TraceId}", _traceId);
        return Task.CompletedTask;
    }

    protected override void BuildRenderTree(RenderTreeBuilder builder)
    {
        if (CurrentException is null)
        {
            builder.AddContent(0, ChildContent);
        }
        else
        {
            builder.OpenComponent<PageFault>(1);
            builder.AddComponentParameter(2, nameof(PageFault.TraceId), _traceId);
            builder.AddComponentParameter(3, nameof(PageFault.OnRetry), EventCallback.Factory.Create(this, Recover));
            builder.CloseComponent();
        }
    }
}
