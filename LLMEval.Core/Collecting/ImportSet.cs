using CsvHelper;
using LLMEval.Core.Access;
using LLMEval.Core.Collecting.Formats;
using LLMEval.Core.Collecting.Sets;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using LLMEval.Core.Samples;
using LLMEval.Core.Sessions;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Collecting;

/// <param name="Content">Plain or gzip; read twice, so that it must be able to go back to its beginning.</param>
/// <param name="Name">Of the file, for sentences and for where samples come from.</param>
public sealed record ImportSetRequest(Stream Content, string Name)
{
    /// <summary>Null: as the file looks.</summary>
    public SetFormat? Format { get; init; }

    /// <summary>Of tables; null guesses by the columns' names.</summary>
    public SetColumns? Columns { get; init; }

    /// <summary>The set that the items go into; null makes <see cref="NewSet"/>.</summary>
    public long? SetId { get; init; }
    public CreateSetRequest? NewSet { get; init; }

    /// <summary>Tags that all of them get beside their own.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>Imports what is good though other lines are not; else one bad line keeps all out.</summary>
    public bool GoodLinesOnly { get; init; }

    /// <summary>Only looks.</summary>
    public bool IsDryRun { get; init; }

    /// <summary>Where all rejected lines go; opened with the first.</summary>
    public Func<Stream>? OpenRejected { get; init; }
}

/// <param name="SetId">Null where nothing was imported.</param>
/// <param name="Read">Samples that the file holds, good and bad.</param>
public sealed record ImportSetReport(SetFormat Format, long? SetId, int Read, int Added, int AlreadyThere, int Rejected, IReadOnlyList<RejectedLine> FirstRejected);

/// <summary>
/// Imports evaluation items. The file is read once to find what is wrong with it and once more to store it; unless the good lines alone are wanted, one bad line keeps all of them out. Importing the same
/// file again adds nothing.
/// </summary>
public sealed class ImportSet(SetFileReader reader, CreateSet create, IDbContextFactory<LLMEvalDbContext> contexts, TimeProvider clock)
{
    public const int MaxItems = SetRules.MostItems;
    private const int Chunk = 200;
    private const int ChunkCharacters = 512 * 1024;

    /// <summary>The format that the file looks like. Reads its beginning.</summary>
    public static async Task<SetFormat> DetectAsync(Stream content, string name, CancellationToken cancellationToken)
    {
        await using var opened = await new SourceStream(content).OpenAsync(cancellationToken);
        var beginning = new byte[SetShapes.BeginningBytes];
        var length = await opened.ReadAtLeastAsync(beginning, beginning.Length, throwOnEndOfStream: false, cancellationToken);
        return SetShapes.Of(name, beginning.AsMemory(0, length));
    }

    /// <summary>What the file's beginning would become.</summary>
    public async Task<Result<SetPreview>> PreviewAsync(ImportSetRequest request, CancellationToken cancellationToken) => await GuardedAsync<SetPreview>(request, async () =>
    {
        var format = await FormatAsync(request, cancellationToken);
        request.Content.Position = 0;
        await using var content = await new SourceStream(request.Content).OpenAsync(cancellationToken);
        return await reader.PreviewAsync(content, format, request.Columns, cancellationToken);
    });

    public async Task<Result<ImportSetReport>> ExecuteAsync(ImportSetRequest request, Actor actor, IProgress<int>? progress, CancellationToken cancellationToken)
    {
        if (actor.Lacks(Permissions.SetsEdit) is { } refusal)
        {
            return refusal;
        }
        var tags = TagPath.CleanAll(request.Tags, nameof(request.Tags));
        if (tags.Failure is { } tagProblem)
        {
            return tagProblem;
        }
        var target = await TargetAsync(request, actor, cancellationToken);
        return target.Failure is { } problem ? problem : await GuardedAsync<ImportSetReport>(request, () => ImportAsync(request, target.Value, tags.Value!, actor, progress, cancellationToken));
    }

    private async Task<Result<ImportSetReport>> ImportAsync(ImportSetRequest request, int contextLength, IReadOnlyList<string> tags, Actor actor, IProgress<int>? progress, CancellationToken cancellationToken)
    {
        var format = await FormatAsync(request, cancellationToken);
        var intake = new SetIntake(contexts, clock, actor, contextLength);
        await using var rejected = new RejectedLines(request.OpenRejected);
        var (read, bad) = (0, 0);
        var rejections = new HashSet<(long, int)>();
        await foreach (var piece in PiecesAsync(request, format, tags, cancellationToken))
        {
            var missing = await intake.MissingAsync([.. piece.Select(l => l.Line.Message).OfType<MessageName>().Distinct()], cancellationToken);
            foreach (var (line, index) in piece)
            {
                read++;
                if ((line.Rejection ?? Rejection(line, missing, actor)) is { } rejection)
                {
                    bad++;
                    rejections.Add((line.Number, index));
                    await rejected.AddAsync(line.Number, rejection, line.Raw, cancellationToken);
                }
            }
            progress?.Report(read);
            if (read - bad > MaxItems)
            {
                return Failure.Invalid("SetFileTooLong", "file", request.Name, MaxItems);
            }
        }
        if (read == 0)
        {
            return Failure.Invalid("SetFileEmpty", "file", request.Name);
        }
        var report = new ImportSetReport(format, null, read, 0, 0, bad, rejected.First);
        if (request.IsDryRun || read == bad || (bad > 0 && !request.GoodLinesOnly))
        {
            return report;
        }
        await foreach (var piece in PiecesAsync(request, format, tags, cancellationToken))
        {
            await intake.StoreAsync(
                [.. piece.Where(l => !rejections.Contains((l.Line.Number, l.Index))).Select(l => new IntakeItem(new NewItem(l.Line.Message, l.Line.Draft), Origin(request.Name, l.Line.Number)))], cancellationToken);
            progress?.Report(intake.Count);
        }
        var setId = await SetAsync(request, actor, cancellationToken);
        if (setId.Failure is { } refused)
        {
            return refused;
        }
        var finished = await intake.FinishAsync(setId.Value, cancellationToken);
        return finished.Failure is { } failure ? failure : report with { SetId = setId.Value, Added = finished.Value!.Added, AlreadyThere = finished.Value.AlreadyThere };
    }

    /// <summary>How long a context the set keeps; a refusal where it cannot take any.</summary>
    private async Task<Result<int>> TargetAsync(ImportSetRequest request, Actor actor, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        if (request.SetId is { } setId)
        {
            var set = await db.VisibleSets(actor).Where(s => s.Id == setId).Select(s => new { s.Name, s.RuleJson, s.ContextLength }).FirstOrDefaultAsync(cancellationToken);
            return set is null ? Failure.NotFound("SetNotFound") : set.RuleJson is not null ? Failure.Conflict("SetHasRule", set.Name) : set.ContextLength;
        }
        var made = request.NewSet ?? throw new ArgumentException("Either a set or a new one must be named.", nameof(request));
        return CreateSet.Problem(made, made.Name.Trim()) is { } problem ? problem
            : await db.EvaluationSets.AnyAsync(s => s.Name == made.Name.Trim(), cancellationToken) ? CreateSet.NameTaken(made.Name.Trim())
            : made.ContextLength;
    }

    private async Task<Result<long>> SetAsync(ImportSetRequest request, Actor actor, CancellationToken cancellationToken) => request.SetId is { } setId
        ? setId
        : await create.ExecuteAsync(request.NewSet! with { Rule = null, Source = new SetSource(SetSourceKind.File) { Name = request.Name } }, actor, cancellationToken);

    /// <summary>The file's lines in pieces that a database takes at once, each with its place among those of the same number.</summary>
    private async IAsyncEnumerable<List<(SetLine Line, int Index)>> PiecesAsync(
        ImportSetRequest request, SetFormat format, IReadOnlyList<string> tags, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        request.Content.Position = 0;
        await using var content = await new SourceStream(request.Content).OpenAsync(cancellationToken);
        var piece = new List<(SetLine, int)>(Chunk);
        var characters = 0L;
        var (number, index) = (0L, 0);
        await foreach (var line in reader.ReadAsync(content, format, request.Columns, cancellationToken))
        {
            (number, index) = line.Number == number ? (number, index + 1) : (line.Number, 0);
            var tagged = line.Draft is { } draft && tags.Count > 0 ? line with { Draft = draft with { Tags = [.. draft.Tags.Union(tags, StringComparer.Ordinal).Take(TagPath.MaxTags)] } } : line;
            piece.Add((tagged, index));
            characters += line.Raw.Length;
            if (piece.Count == Chunk || characters > ChunkCharacters)
            {
                yield return piece;
                (piece, characters) = (new List<(SetLine, int)>(Chunk), 0);
            }
        }
        if (piece.Count > 0)
        {
            yield return piece;
        }
    }

    private static Rejection? Rejection(SetLine line, IReadOnlySet<MessageName> missing, Actor actor) => line switch
    {
        { Message: { } name } when missing.Contains(name) => new Rejection(Sessions.Rejection.UnknownMessage, name.MsgId, name.SessionId, name.BizCode),
        { Draft.BizCode: { Length: > 0 } code } when !actor.Sees(code) => new Rejection(Sessions.Rejection.OutOfScope, code),
        _ => null,
    };

    private static async Task<SetFormat> FormatAsync(ImportSetRequest request, CancellationToken cancellationToken)
    {
        if (request.Format is { } given)
        {
            return given;
        }
        request.Content.Position = 0;
        return await DetectAsync(request.Content, request.Name, cancellationToken);
    }

    private static async Task<Result<T>> GuardedAsync<T>(ImportSetRequest request, Func<Task<Result<T>>> work)
    {
        try
        {
            return await work();
        }
        catch (SetUnreadableException e)
        {
            return Failure.Invalid(e.Code, "file", [request.Name, .. e.Args]);
        }
        catch (CsvFormatException e)
        {
            return Failure.Invalid("SetFileUnreadable", "file", request.Name, JsonLine.Sentence(e.Message));
        }
        catch (InvalidDataException)
        {
            return Failure.Invalid("ImportDamaged", "file", request.Name);
        }
    }

    private static string Origin(string name, long line)
    {
        var place = string.Create(System.Globalization.CultureInfo.InvariantCulture, $":{line}");
        return (name.Length + place.Length > 300 ? name[..(300 - place.Length)] : name) + place;
    }
}
