using Quartz;

namespace LLMEval.Core.Search;

[DisallowConcurrentExecution]
internal sealed class IndexMessagesJob(IndexMessages index) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken) => await index.ExecuteAsync(IndexMessages.WorthASegment, cancellationToken);
}
