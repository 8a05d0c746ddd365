using Quartz;

namespace LLMEval.Core.Sampling;

[DisallowConcurrentExecution]
internal sealed class PoolWorkerJob(PoolWorker worker) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken)
    {
        foreach (var operation in await worker.OpenAsync(cancellationToken))
        {
            await worker.RunAsync(operation, cancellationToken);
        }
    }
}
