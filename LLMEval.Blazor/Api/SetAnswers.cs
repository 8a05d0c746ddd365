using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using LLMEval.Blazor.Infrastructure;
using LLMEval.Core.Samples;

namespace LLMEval.Blazor.Api;

public sealed record SetAnswer(
    string Id, string Name, string? Purpose, int ContextLength, int ItemCount, int? NewestVersion, string Owner, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt)
{
    /// <summary>The rest only where one set is asked for.</summary>
    public string? Description { get; init; }
    public IReadOnlyList<string>? Tags { get; init; }
    public IReadOnlyList<string>? BizCodes { get; init; }
    public SampleFilterBody? Rule { get; init; }
    public SetSourceAnswer? Source { get; init; }

    public static SetAnswer Of(SetRow row, ZoneClock clock) => new(
        Text(row.Id), row.Name, row.Purpose, row.ContextLength, row.ItemCount, row.NewestVersion, row.OwnerName, clock.WithOffset(row.CreatedAt), clock.WithOffset(row.UpdatedAt));

    public static SetAnswer Of(SetOutline set, ZoneClock clock) =>
        new(Text(set.Id), set.Name, set.Purpose, set.ContextLength, set.ItemCount, set.NewestVersion, set.OwnerName, clock.WithOffset(set.CreatedAt), clock.WithOffset(set.UpdatedAt))
        {
            Description = set.Description,
            Tags = set.Tags,
            BizCodes = set.BizCodes,
            Rule = set.Rule is { } rule ? SampleFilterBody.Of(rule, set.SetNames, clock) : null,
            Source = set.Source is not { } source ? null : new SetSourceAnswer(
                source.Kind, source.Name, source.Filter is { } filter ? SampleFilterBody.Of(filter, set.SetNames, clock) : null,
                source.Draw is { } draw ? DrawBody.Of(draw) : null, source.PoolSize),
        };

    private static string Text(long id) => id.ToString(CultureInfo.InvariantCulture);
}

/// <summary>How a set was made.</summary>
/// <param name="Name">Of the file, or of the set that was cloned.</param>
/// <param name="PoolSize">How many samples were drawn from.</param>
public sealed record SetSourceAnswer(SetSourceKind Kind, string? Name, SampleFilterBody? Filter, DrawBody? Draw, int? PoolSize);

/// <param name="IsNew">Only of a freeze: false where nothing had changed since that version.</param>
public sealed record SetVersionAnswer(int Version, int ItemCount, DateTimeOffset CreatedAt, string CreatedBy, bool? IsNew = null)
{
    public static SetVersionAnswer Of(SetVersionRow row, ZoneClock clock) => new(row.Number, row.ItemCount, clock.WithOffset(row.CreatedAt), row.CreatedByName);
}

public sealed record AddedItemsAnswer(int Added, int AlreadyThere, int Refreshed);

public sealed record TurnAnswer(string Role, string Content, string? MsgId, DateTimeOffset? SendTime);

/// <summary>What an item asks and expects, in the shape in which it is added.</summary>
public record SampleAnswer
{
    public required string SampleId { get; init; }

    /// <summary>The recorded message it was made of.</summary>
    public MessageName? Message { get; init; }

    /// <summary>What was given as <c>id</c>.</summary>
    public string? ExternalId { get; init; }
    public string? BizCode { get; init; }
    public string? RobotId { get; init; }
    public string? UserId { get; init; }
    public string? SystemPrompt { get; init; }
    public IReadOnlyList<TurnAnswer> Input { get; init; } = [];
    public IReadOnlyList<MemoryPointAnswer> Memory { get; init; } = [];
    public string? RecordedAnswer { get; init; }
    public IReadOnlyList<string> Reference { get; init; } = [];
    public string? ExpectedBehaviour { get; init; }
    public IReadOnlyList<string> Tags { get; init; } = [];
    public int? ContextLength { get; init; }

    /// <summary>True where the user messages of the input are asked one after the other.</summary>
    public bool Script { get; init; }
    public JsonElement? Metadata { get; init; }

    public static SampleAnswer Of(long sampleId, SampleContent content, ZoneClock clock) => Fill(new SampleAnswer { SampleId = sampleId.ToString(CultureInfo.InvariantCulture) }, content, clock);

    private protected static T Fill<T>(T answer, SampleContent content, ZoneClock clock) where T : SampleAnswer
    {
        var draft = content.Draft;
        return (T)(answer with
        {
            Message = content.Message,
            ExternalId = draft.ExternalId,
            BizCode = draft.BizCode,
            RobotId = draft.RobotId,
            UserId = draft.UserId,
            SystemPrompt = draft.SystemPrompt,
            Input = [.. draft.Input.Select(m => new TurnAnswer(m.Role, m.Content, m.MsgId, clock.WithOffset(m.SentAt)))],
            Memory = [.. draft.Memory.Select(m => new MemoryPointAnswer(m.MemoryId, m.Content, clock.WithOffset(m.CreatedAt)))],
            RecordedAnswer = draft.RecordedAnswer,
            Reference = draft.References,
            ExpectedBehaviour = draft.ExpectedBehaviour,
            Tags = draft.Tags,
            ContextLength = draft.ContextLength,
            Script = draft.IsScript,
            Metadata = draft.MetadataJson is { } json ? JsonElement.Parse(json) : null,
        });
    }
}

public sealed record MemoryPointAnswer(string? MemoryId, string Content, DateTimeOffset? CreatedAt);

public sealed record SetItemAnswer : SampleAnswer
{
    /// <summary>None in a frozen version, whose items cannot be removed.</summary>
    public string? Id { get; init; }

    /// <summary>From 1, without gaps.</summary>
    public int Position { get; init; }
    public DateTimeOffset? AddedAt { get; init; }
    public string? AddedBy { get; init; }

    public static SetItemAnswer Of(SetItemRow row, SampleContent content, ZoneClock clock) => Fill(
        new SetItemAnswer
        {
            SampleId = row.SampleId.ToString(CultureInfo.InvariantCulture),
            Id = row.ItemId > 0 ? row.ItemId.ToString(CultureInfo.InvariantCulture) : null,
            Position = row.Number,
            AddedAt = clock.WithOffset(row.AddedAt),
            AddedBy = row.AddedByName,
        },
        content, clock);
}

public sealed record SetChangeAnswer(SetChange Change, int Position, SampleAnswer? Before, SampleAnswer? After);

/// <param name="Items">Removed ones with the position they had, the others with the one they have.</param>
public sealed record SetDiffAnswer(int Added, int Removed, int Changed, int Unchanged, IReadOnlyList<SetChangeAnswer> Items, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? NextCursor);
