using Quartz;

namespace LLMEval.Core.Samples;

[DisallowConcurrentExecution]
internal sealed class CompareSamplesJob(CompareSamples compare) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken) => await compare.ExecuteAsync(cancellationToken);
}
