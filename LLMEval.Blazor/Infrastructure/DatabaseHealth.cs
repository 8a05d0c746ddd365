using LLMEval.Core.Data;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace LLMEval.Blazor.Infrastructure;

internal sealed class DatabaseHealth(DatabaseStartup database) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        await database.IsReachableAsync(cancellationToken) ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy();
}
