using LLMEval.Core.Sessions;

namespace LLMEval.Core.Collecting;

/// <param name="Content">The source in the shape sessions-jsonl, plain or gzip; read once, forwards, left open.</param>
/// <param name="Name">What the source is called, for the audit log.</param>
public sealed record ImportRequest(Stream Content, string Name)
{
    public TimeChoice Times { get; init; } = TimeChoice.Import;
    public IngestMode Mode { get; init; }

    /// <summary>Moves every time of the source, as the demo corpus needs it.</summary>
    public TimeSpan Shift { get; init; }

    /// <summary>Called when the first line is rejected; the stream then gets all rejected lines, and is closed at the end.</summary>
    public Func<Stream>? OpenRejected { get; init; }
}

/// <summary>Counts of lines, that is of sessions; blank lines do not count.</summary>
public sealed record ImportCounts(long Read, long New, long Updated, long Unchanged, long Rejected, long NewMessages, long ChangedMessages)
{
    public static ImportCounts None { get; } = new(0, 0, 0, 0, 0, 0, 0);

    public ImportCounts Plus(IngestOutcome outcome) => this with
    {
        New = New + outcome.New,
        Updated = Updated + outcome.Updated,
        Unchanged = Unchanged + outcome.Unchanged,
        NewMessages = NewMessages + outcome.NewMessages,
        ChangedMessages = ChangedMessages + outcome.ChangedMessages,
    };
}

/// <param name="BytesRead">Bytes taken from the source, compressed ones where it is compressed: to be set against the file's length.</param>
public sealed record ImportProgress(long BytesRead, ImportCounts Counts);

public sealed record RejectedLine(long Line, Rejection Rejection);

/// <param name="FirstRejected">The first <see cref="ImportFile.MostRejectedListed"/> rejected lines.</param>
public sealed record ImportReport(ImportCounts Counts, IReadOnlyList<RejectedLine> FirstRejected);
