using LLMEval.Core.Labels;
using LLMEval.Core.Sessions;

namespace LLMEval.Core.Collecting;

/// <param name="Content">Labels, plain or gzip; read once, forwards, left open.</param>
/// <param name="Name">What the source is called, for the audit log and in sentences.</param>
public sealed record LabelImportRequest(Stream Content, string Name)
{
    /// <summary>Null tells it by the content.</summary>
    public LabelFormat? Format { get; init; }
    public IngestMode Mode { get; init; }

    /// <summary>Called when the first label is rejected; the stream then gets all rejected lines, and is closed at the end.</summary>
    public Func<Stream>? OpenRejected { get; init; }
}

/// <summary>Counts of labels. What cannot be read counts as one, however many labels it may have held.</summary>
public sealed record LabelImportCounts(long Read, long New, long Updated, long Unchanged, long Rejected)
{
    public static LabelImportCounts None { get; } = new(0, 0, 0, 0, 0);
}

/// <param name="BytesRead">Bytes taken from the source, compressed ones where it is compressed: to be set against the file's length.</param>
public sealed record LabelImportProgress(long BytesRead, LabelImportCounts Counts);

/// <param name="FirstRejected">The first <see cref="ImportFile.MostRejectedListed"/>; lines are tasks where the shape is Label Studio's.</param>
public sealed record LabelImportReport(LabelFormat Format, LabelImportCounts Counts, IReadOnlyList<RejectedLine> FirstRejected);
