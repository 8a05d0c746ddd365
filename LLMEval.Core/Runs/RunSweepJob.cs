using Quartz;

namespace LLMEval.Core.Runs;

[DisallowConcurrentExecution]
internal sealed class RunSweepJob(RunSweep sweep) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken) => await sweep.ExecuteAsync(cancellationToken);
}
