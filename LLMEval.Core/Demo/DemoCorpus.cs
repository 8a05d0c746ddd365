using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using LLMEval.Core.Access;
using LLMEval.Core.Collecting;
using LLMEval.Core.Collecting.Formats;
using LLMEval.Core.Common;
using LLMEval.Core.Labels;

namespace LLMEval.Core.Demo;

/// <summary>A label of the demo corpus; the one who applies it finds the message by its ids.</summary>
public sealed record DemoLabel(string BizCode, string SessionId, [property: JsonPropertyName("msg_id")] string MessageId, Verdict Verdict)
{
    public double? Score { get; init; }
    public string? GroundTruth { get; init; }
    public IReadOnlyList<string> Tags { get; init; } = [];
    public string? Comment { get; init; }
}

/// <summary>A labelled bot message of the corpus that the demo asks for again.</summary>
public sealed record DemoBadCase
{
    public required string BizCode { get; init; }
    public required string SessionId { get; init; }
    public required string MsgId { get; init; }

    /// <summary>An answer with any of these is bad again.</summary>
    public required IReadOnlyList<string> Contains { get; init; }
}

/// <summary>Loads the conversations that come with the product, moved by whole days such that the corpus' anchor day is today: default filters then show something.</summary>
public sealed class DemoCorpus(ImportFile import, ImportOptions options, TimeProvider clock)
{
    /// <summary>What the audit log calls the corpus.</summary>
    public const string SourceName = "demo/" + Sessions;

    private const string Sessions = "corpus.jsonl";
    private const string Labels = "labels.jsonl";
    private const string Anchor = "anchor.json";
    private const string BadCase = "reproduction.json";

    /// <summary>Where the shipped files lie; tests put others there.</summary>
    public string Folder { get; init; } = Path.Combine(AppContext.BaseDirectory, "demo");

    public bool IsShipped => File.Exists(Path.Combine(Folder, Sessions)) && File.Exists(Path.Combine(Folder, Anchor));

    /// <summary>Imports the corpus; a second time on the same day changes nothing.</summary>
    public async Task<Result<ImportReport>> LoadAsync(Actor actor, IProgress<ImportProgress>? progress, CancellationToken cancellationToken)
    {
        if (actor.Lacks(Permissions.DemoLoad) is { } refusal)
        {
            return refusal;
        }
        if (!IsShipped)
        {
            return Failure.NotFound("DemoCorpusMissing", Folder);
        }
        await using var file = File.OpenRead(Path.Combine(Folder, Sessions));
        return await import.ExecuteAsync(new ImportRequest(file, SourceName) { Shift = await ShiftAsync(cancellationToken) }, actor, progress, cancellationToken);
    }

    /// <summary>The labels that come with the corpus; none when there is no such file.</summary>
    public async IAsyncEnumerable<DemoLabel> ReadLabels([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var path = Path.Combine(Folder, Labels);
        if (!File.Exists(path))
        {
            yield break;
        }
        await foreach (var line in File.ReadLinesAsync(path, cancellationToken))
        {
            if (!string.IsNullOrWhiteSpace(line))
            {
                yield return Json.Read<DemoLabel>(line);
            }
        }
    }

    /// <summary>The bad case to reproduce, or null when there is no such file.</summary>
    public async Task<DemoBadCase?> BadCaseAsync(CancellationToken cancellationToken) =>
        Path.Combine(Folder, BadCase) is var path && File.Exists(path) ? Json.Read<DemoBadCase>(await File.ReadAllTextAsync(path, cancellationToken)) : null;

    // Whole days: 22:41 stays 22:41, except across a change of the clocks.
    private async Task<TimeSpan> ShiftAsync(CancellationToken cancellationToken)
    {
        using var anchor = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(Folder, Anchor), cancellationToken));
        var anchorAt = TimeText.ToUtc(anchor.RootElement.GetProperty("anchor").GetString(), options.TimeZone) ?? throw new InvalidDataException($"{Anchor}: 'anchor' is no time.");
        var today = TimeZoneInfo.ConvertTime(clock.GetUtcNow(), options.TimeZone).Date;
        var anchorDay = TimeZoneInfo.ConvertTimeFromUtc(anchorAt, options.TimeZone).Date;
        return today - anchorDay;
    }
}
