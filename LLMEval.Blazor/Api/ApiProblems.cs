using System.Text.Json;
using LLMEval.Blazor.Infrastructure;
using LLMEval.Core.Common;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Mvc;

namespace LLMEval.Blazor.Api;

/// <summary>Refusals of Core as problem details (RFC 9457).</summary>
internal static class ApiProblems
{
    public static IResult ToProblem(this Failure failure, HttpContext context)
    {
        var extensions = new Dictionary<string, object?> { ["code"] = failure.Code };
        if (failure.Field is not null)
        {
            extensions["field"] = JsonNamingPolicy.SnakeCaseLower.ConvertName(failure.Field);
        }
        return Results.Problem(context.RequestServices.GetRequiredService<FailureTexts>().Of(failure), statusCode: StatusOf(failure.Kind), extensions: extensions);
    }

    /// <summary>200 with the value, or the refusal.</summary>
    public static IResult ToAnswer<T>(this Result<T> result, HttpContext context) =>
        result.Failure is { } failure ? failure.ToProblem(context) : Results.Ok(result.Value);

    private static int StatusOf(FailureKind kind) => kind switch
    {
        FailureKind.Invalid => StatusCodes.Status400BadRequest,
        FailureKind.NotFound => StatusCodes.Status404NotFound,
        FailureKind.Conflict => StatusCodes.Status409Conflict,
        FailureKind.Forbidden => StatusCodes.Status403Forbidden,
        FailureKind.Unavailable => StatusCodes.Status503ServiceUnavailable,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };
}

/// <summary>Unreadable requests get a sentence that names what could not be read; defects get a bare 500. Only for the API: pages have their own.</summary>
internal sealed class ApiExceptions(IProblemDetailsService problems) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        // The middleware has put the path of its own page into the request by now.
        if (!ApiPaths.Covers(httpContext.Features.Get<IExceptionHandlerPathFeature>()?.Path ?? httpContext.Request.Path))
        {
            return false;
        }
        var bad = exception as BadHttpRequestException;
        httpContext.Response.StatusCode = bad?.StatusCode ?? StatusCodes.Status500InternalServerError;
        var detail = bad is null ? null : bad.InnerException is JsonException json ? JsonSentences.Of(json)
            : bad.Message.StartsWith("Implicit body inferred", StringComparison.Ordinal) ? JsonSentences.Empty
            : bad.Message;
        return await problems.TryWriteAsync(new ProblemDetailsContext
        {
            HttpContext = httpContext,
            ProblemDetails = new ProblemDetails { Status = httpContext.Response.StatusCode, Detail = detail },
        });
    }
}
