using System.Text;
using LLMEval.Core.Collecting;
using LLMEval.Core.Common;
using LLMEval.Core.Labels;
using LLMEval.Core.Sessions;
using LLMEval.Tests.Support;

namespace LLMEval.Tests.Core.Collecting;

/// <summary>Files of labels and the verb that imports them, as the tests of labels need them.</summary>
internal static class ImportingLabels
{
    public const string Columns = "biz_code,session_id,msg_id,annotator,verdict,score,scale,ground_truth,prediction,tags,comment,labelled_at";

    public static ImportLabels ImportLabels(this TestDatabase database, ImportOptions? options = null) => new(options ?? Importing.Options, database.Contexts, database.Clock);

    public static async Task<Result<LabelImportReport>> TryImportLabelsAsync(this TestDatabase database, string text, LabelFormat? format = null, IngestMode mode = IngestMode.Store, Actor? actor = null, Func<Stream>? rejected = null)
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(text));
        var request = new LabelImportRequest(stream, "labels.txt") { Format = format, Mode = mode, OpenRejected = rejected };
        return await database.ImportLabels().ExecuteAsync(request, actor ?? database.Admin, null, CancellationToken.None);
    }

    public static async Task<LabelImportReport> ImportLabelsAsync(this TestDatabase database, string text, LabelFormat? format = null, IngestMode mode = IngestMode.Store, Actor? actor = null, Func<Stream>? rejected = null)
    {
        var result = await database.TryImportLabelsAsync(text, format, mode, actor, rejected);
        Assert.Null(result.Failure);
        return result.Value!;
    }

    /// <summary>Only counts, for a short comparison: read, new, updated, unchanged, rejected.</summary>
    public static (long, long, long, long, long) Counted(this LabelImportReport report) =>
        (report.Counts.Read, report.Counts.New, report.Counts.Updated, report.Counts.Unchanged, report.Counts.Rejected);
}
