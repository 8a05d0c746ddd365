using LLMEval.Core.Samples;
using LLMEval.Core.Sessions;

namespace LLMEval.Core.Collecting.Sets;

/// <summary>One sample of a file, or why what stands there is none: the draft, the message or the rejection is given.</summary>
/// <param name="Number">The line, or the place in the list, from 1; several samples may stand there.</param>
/// <param name="Raw">What stands there, for the file of rejected lines; of lines over the limit only the beginning.</param>
/// <param name="Message">A recorded message that our own lines may name in place of a draft.</param>
public sealed record SetLine(long Number, string Raw, SampleDraft? Draft, Rejection? Rejection, MessageName? Message = null);

/// <summary>A file is not what it was taken for, or ends in a way that leaves nothing to go on from. What was read before is good.</summary>
/// <param name="code">A code of <c>Failures.resx</c>, whose first gap is the file's name.</param>
/// <param name="args">What stands in the gaps after the name.</param>
public sealed class SetUnreadableException(string code, params object[] args) : Exception(code)
{
    public string Code => Message;
    public IReadOnlyList<object> Args => args;
}

/// <summary>What an import would make of a file's beginning.</summary>
/// <param name="Headers">The table's columns; empty where the file is no table.</param>
/// <param name="Rows">The cells as they stand in the file.</param>
/// <param name="Columns">Which column means what, as given or guessed; null where the file's format says it.</param>
public sealed record SetPreview(IReadOnlyList<string> Headers, IReadOnlyList<IReadOnlyList<string>> Rows, SetColumns? Columns, IReadOnlyList<SetLine> Lines)
{
    public const int MaxRows = 20;
}
