namespace LLMEval.Core.Collecting.Sets;

/// <summary>Which column of a table means what, by the columns' names. Columns that mean nothing to us are kept in the sample's metadata.</summary>
public sealed record SetColumns
{
    /// <summary>The user's message as plain text, or all messages as JSON.</summary>
    public string? Question { get; init; }

    /// <summary>What was said before the question: messages as JSON, or lines that begin with who speaks.</summary>
    public string? Context { get; init; }

    /// <summary>Columns that are shown to the bot under the question, each after its name: the choices of a test, the person that it asks about.</summary>
    public IReadOnlyList<string> Details { get; init; } = [];
    public IReadOnlyList<string> References { get; init; } = [];
    public string? ExpectedBehaviour { get; init; }
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>What stands between tags in a cell; null: whichever of <c>; | , 、</c> and their full-width forms the cell has first in this order.</summary>
    public char? TagSeparator { get; init; }
    public string? RecordedAnswer { get; init; }
    public string? SystemPrompt { get; init; }
    public string? Memory { get; init; }
    public string? RobotId { get; init; }
    public string? BizCode { get; init; }
    public string? UserId { get; init; }
    public string? Id { get; init; }

    /// <summary>Id of the question itself, where it is recorded traffic.</summary>
    public string? MessageId { get; init; }
    public string? SentAt { get; init; }
    public string? ContextLength { get; init; }
    public string? Script { get; init; }

    /// <summary>A JSON object of anything else.</summary>
    public string? Metadata { get; init; }

    /// <summary>What the columns mean by their usual English and Chinese names. Each column means one thing; <see cref="Question"/> is null when none looks like it.</summary>
    public static SetColumns Guess(IReadOnlyList<string> headers)
    {
        var free = headers.ToList();
        // What is named without doubt is taken before what several things are called.
        var id = Take("id");
        var question = Take("question");
        var context = Take("context");
        List<string> references = TakeAll(ColumnNames.MatchingNumbered("reference", free));
        var recorded = Take("recorded_answer");
        var answers = TakeAll(references.Count == 0 ? ColumnNames.MatchingNumbered("answer", free) : []);
        return new SetColumns
        {
            Id = id,
            Question = question,
            Context = context,
            References = [.. references, .. answers],
            // Beside a reference, what is called the answer is the bot's.
            RecordedAnswer = recorded ?? (references.Count > 0 && free.FirstOrDefault(h => ColumnNames.Matching("answer", [h]).Any() && !h.EndsWith("s", StringComparison.OrdinalIgnoreCase)) is { } answer && free.Remove(answer) ? answer : null),
            ExpectedBehaviour = Take("expected_behaviour"),
            Tags = TakeAll(ColumnNames.Matching("tags", free)),
            SystemPrompt = Take("system_prompt"),
            Memory = Take("memory"),
            RobotId = Take("robot_id"),
            BizCode = Take("biz_code"),
            UserId = Take("user_id"),
            MessageId = Take("message_id"),
            SentAt = Take("sent_at"),
            ContextLength = Take("context_length"),
            Script = Take("script"),
            Metadata = Take("metadata"),
            Details = TakeAll(ColumnNames.Matching("details", free)),
        };

        string? Take(string meaning) => ColumnNames.Matching(meaning, free).FirstOrDefault() is { } header && free.Remove(header) ? header : null;

        List<string> TakeAll(IEnumerable<string> matching)
        {
            List<string> taken = [.. matching];
            free.RemoveAll(taken.Contains);
            return taken;
        }
    }

    private IEnumerable<string> All =>
        new[] { Question, Context, ExpectedBehaviour, RecordedAnswer, SystemPrompt, Memory, RobotId, BizCode, UserId, Id, MessageId, SentAt, ContextLength, Script, Metadata }
            .Concat(References).Concat(Tags).Concat(Details).OfType<string>();

    /// <summary>Columns that are mapped and that the table does not have.</summary>
    internal IEnumerable<string> Missing(IReadOnlyList<string> headers) => All.Where(column => !headers.Contains(column, StringComparer.Ordinal));
}
