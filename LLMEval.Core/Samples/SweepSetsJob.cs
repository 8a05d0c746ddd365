using Quartz;

namespace LLMEval.Core.Samples;

[DisallowConcurrentExecution]
internal sealed class SweepSetsJob(RestoreSet restore) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken) => await restore.SweepAsync(cancellationToken);
}
