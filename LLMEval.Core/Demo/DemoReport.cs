using LLMEval.Core.Collecting;
using LLMEval.Core.Reproduction;
using LLMEval.Core.Runs;

namespace LLMEval.Core.Demo;

/// <param name="CorpusFile">A file in the shape sessions-jsonl to use in place of the shipped corpus; read only into a database without sessions.</param>
public sealed record DemoRequest(string? CorpusFile = null);

/// <summary>The six steps of the first journey, in order.</summary>
public enum DemoStep { Collect, Look, Label, Sample, Run, Reproduce }

/// <param name="Done">Of <paramref name="Of"/> things of this step; 0 of 0 while it is not known how many there are.</param>
public sealed record DemoProgress(DemoStep Step, long Done, long Of);

/// <summary>What there is after the journey. Made anew from the database each time, so a second demo reports the same.</summary>
/// <param name="Import">Counts of this call's import; null where sessions were there before.</param>
public sealed record DemoReport(
    ImportCounts? Import, int Sessions, long Messages, int Labels, int BadLabels, string SetName, long SetId, int SetVersion, int Items,
    RunDetail Run, IReadOnlyList<SummaryRow> Summary, ReproductionRow Reproduction);
