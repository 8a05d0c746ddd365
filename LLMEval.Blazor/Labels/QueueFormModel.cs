using LLMEval.Core.Labels;

namespace LLMEval.Blazor.Labels;

public sealed class QueueFormModel
{
    public string Name { get; set; } = "";
    public string? Instructions { get; set; }
    public IReadOnlyList<AnnotatorRow> Assignees { get; set; } = [];
    public bool IsBlind { get; set; } = true;
    public QueueConsensus Consensus { get; set; }
}
