using System.Text.Json;
using System.Text.Json.Nodes;
using LLMEval.Core.Collecting.Formats;
using LLMEval.Core.Samples;
using LLMEval.Core.Sessions;

namespace LLMEval.Core.Collecting.Sets;

/// <summary>Makes samples of named values by what their names mean: rows of tables, and JSON records of question sets, whose names are nobody's standard. Texts that are JSON are read as such.</summary>
internal static class ColumnRecords
{
    private const string TagSeparators = ";|,\u3001\uff1b\uff0c";

    /// <summary>A record by its property names.</summary>
    /// <param name="columns">What they mean; null guesses.</param>
    public static List<DraftOrRejection> Read(JsonElement record, SetFields fields, SetColumns? columns = null)
    {
        var cells = record.EnumerateObject().Select(p => new Cell(p.Name, SetFields.Text(p.Value), p.Value)).ToList();
        columns ??= SetColumns.Guess(cells.ConvertAll(c => c.Name));
        if (columns.Question is null)
        {
            fields.Json.Reject(Rejection.Missing, "input", "messages, or a question");
            return [new DraftOrRejection(null, fields.Problem)];
        }
        return [Draft(cells, columns, fields)];
    }

    /// <summary>A table's row.</summary>
    public static DraftOrRejection Read(IReadOnlyList<string> headers, IReadOnlyList<string> row, SetColumns columns, SetFields fields)
    {
        fields.Begin();
        return Draft([.. headers.Zip(row, (name, text) => new Cell(name, text.Length > 0 ? text : null, null))], columns, fields);
    }

    private static DraftOrRejection Draft(List<Cell> cells, SetColumns columns, SetFields fields)
    {
        var used = new HashSet<string>(StringComparer.Ordinal);
        var question = Take(columns.Question);
        var context = Context(Take(columns.Context), columns.Context, fields);
        var (asked, isScript) = Asked(question, columns.Question, fields);
        var details = columns.Details.Select(name => (name, Cell: Take(name))).Where(d => d.Cell?.Text is { Length: > 0 }).Select(d => $"{d.name}: {Shown(d.Cell!)}").ToList();
        if (details.Count > 0 && asked is [.., var last])
        {
            asked[^1] = last with { Content = string.Join("\n\n", details.Prepend(last.Content)) };
        }
        if (asked is [.., { Role: "user" } latest] && (Take(columns.MessageId)?.Text, Take(columns.SentAt)) is var (msgId, sentAt) && (msgId is not null || sentAt is not null))
        {
            asked[^1] = latest with { MsgId = msgId ?? latest.MsgId, SentAt = sentAt?.Text is { } time ? fields.Json.Time(JsonSerializer.SerializeToElement(time), columns.SentAt!) : latest.SentAt };
        }
        var metadata = DraftMetadata.Parse(null);
        if (Take(columns.Metadata) is { Text: not null } given)
        {
            metadata = Element(given) is { ValueKind: JsonValueKind.Object } parsed ? DraftMetadata.Parse(SetFields.Stored(parsed)) : new JsonObject { [given.Name] = given.Text };
        }
        var draft = new SampleDraft([.. context, .. asked])
        {
            ExternalId = Take(columns.Id)?.Text,
            BizCode = Take(columns.BizCode)?.Text,
            RobotId = Take(columns.RobotId)?.Text,
            UserId = Take(columns.UserId)?.Text,
            SystemPrompt = Take(columns.SystemPrompt)?.Text,
            Memory = Memory(Take(columns.Memory), columns.Memory, fields),
            RecordedAnswer = Take(columns.RecordedAnswer) is { Text: not null } answer ? Shown(answer) : null,
            References = [.. columns.References.Select(Take).OfType<Cell>().SelectMany(References)],
            ExpectedBehaviour = Take(columns.ExpectedBehaviour)?.Text,
            Tags = [.. columns.Tags.Select(Take).OfType<Cell>().SelectMany(cell => Tags(cell, columns.TagSeparator))],
            ContextLength = Number(Take(columns.ContextLength), fields),
            IsScript = isScript || Flag(Take(columns.Script), fields),
        };
        foreach (var rest in cells.Where(c => c.Text is not null && !used.Contains(c.Name)))
        {
            metadata[rest.Name] = rest.Value is { } value ? DraftMetadata.Node(value) : JsonValue.Create(rest.Text);
        }
        return fields.Checked(draft with { MetadataJson = DraftMetadata.Stored(metadata) }, columns.Question ?? "input");

        Cell? Take(string? name)
        {
            if (name is null)
            {
                return null;
            }
            used.Add(name);
            return cells.Find(c => c.Name == name);
        }
    }

    /// <summary>A text is one user message, a list of texts a script, a list of messages what it says.</summary>
    private static (List<SampleMessage> Messages, bool IsScript) Asked(Cell? cell, string? name, SetFields fields)
    {
        if (cell?.Text is not { } text)
        {
            return ([], false);
        }
        if (Element(cell) is { ValueKind: JsonValueKind.Array } list && list.GetArrayLength() > 0)
        {
            if (list.EnumerateArray().All(e => e.ValueKind == JsonValueKind.String))
            {
                return ([.. list.EnumerateArray().Select(e => new SampleMessage("user", e.GetString()!))], list.GetArrayLength() > 1);
            }
            if (ChatMessages.Are(list))
            {
                return (ChatMessages.Read(list, name!, fields), false);
            }
        }
        return ([new SampleMessage("user", text)], false);
    }

    private static List<SampleMessage> Context(Cell? cell, string? name, SetFields fields)
    {
        if (cell?.Text is not { } text || string.IsNullOrWhiteSpace(text))
        {
            return [];
        }
        // Some tools can only hold a list of messages as a text of JSON.
        if (Element(cell with { Value = cell.Value is { ValueKind: JsonValueKind.Array } ? cell.Value : null }) is { ValueKind: JsonValueKind.Array } list)
        {
            return list.GetArrayLength() == 0 ? [] : ChatMessages.Read(list, name!, fields);
        }
        var messages = new List<SampleMessage>();
        foreach (var line in text.Split('\n'))
        {
            var colon = line.AsSpan().IndexOfAny(':', '\uff1a');
            if (colon > 0 && ColumnNames.Role(line[..colon]) is { } role)
            {
                messages.Add(new SampleMessage(role, line[(colon + 1)..].Trim()));
            }
            else if (messages.Count > 0)
            {
                messages[^1] = messages[^1] with { Content = $"{messages[^1].Content}\n{line}" };
            }
            else if (!string.IsNullOrWhiteSpace(line))
            {
                fields.Json.Reject(Rejection.Unexpected, name!, JsonFields.Shown(line), "messages as JSON, or lines such as \"user: \u2026\"");
                break;
            }
        }
        return messages.ConvertAll(m => m with { Content = m.Content.TrimEnd() });
    }

    private static List<SampleMemory> Memory(Cell? cell, string? name, SetFields fields) =>
        cell?.Text is not { } text ? []
        : Element(cell) is { ValueKind: JsonValueKind.Array } list ? SetItemJson.Memory(list, name!, fields)
        : [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(line => new SampleMemory(null, line, null))];

    private static IEnumerable<string> References(Cell cell) =>
        cell.Text is not { } text ? []
        : Element(cell) is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray().Select(e => Shown(new Cell(cell.Name, SetFields.Text(e), e))).Where(t => t.Length > 0)
        : cell.Value is { ValueKind: JsonValueKind.Object } ? [Shown(cell)]
        : [text];

    private static IEnumerable<string> Tags(Cell cell, char? separator)
    {
        if (cell.Text is not { } text)
        {
            return [];
        }
        if (Element(cell) is { ValueKind: JsonValueKind.Array } list)
        {
            return list.EnumerateArray().Select(SetFields.Text).OfType<string>();
        }
        var by = separator ?? TagSeparators.FirstOrDefault(c => text.Contains(c, StringComparison.Ordinal));
        return by == default ? [text] : text.Split(by);
    }

    /// <summary>As a person would read it: an object as lines of name and value, a list of choices by letters.</summary>
    private static string Shown(Cell cell) => Element(cell) switch
    {
        { ValueKind: JsonValueKind.Object } map => string.Join('\n', map.EnumerateObject().Select(p => p.Value.ValueKind == JsonValueKind.Array
            ? $"{p.Name}:\n{Choices.Lines(SetFields.Texts(p.Value))}"
            : $"{p.Name}: {SetFields.Text(p.Value)}")),
        { ValueKind: JsonValueKind.Array } list when list.EnumerateArray().All(e => e.ValueKind == JsonValueKind.String) => "\n" + Choices.Lines(SetFields.Texts(list)),
        _ => cell.Text ?? "",
    };

    private static int? Number(Cell? cell, SetFields fields)
    {
        if (cell?.Text is not { } text)
        {
            return null;
        }
        if (int.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number))
        {
            return number;
        }
        fields.Json.Reject(Rejection.Unexpected, cell.Name, JsonFields.Shown(text), "a whole number");
        return null;
    }

    private static bool Flag(Cell? cell, SetFields fields)
    {
        switch (cell?.Text?.Trim().ToUpperInvariant())
        {
            case null or "" or "FALSE" or "0" or "NO":
                return false;
            case "TRUE" or "1" or "YES":
                return true;
            default:
                fields.Json.Reject(Rejection.Unexpected, cell.Name, JsonFields.Shown(cell.Text!), "true or false");
                return false;
        }
    }

    /// <summary>The JSON that stands in the cell; undefined where it is plain text.</summary>
    private static JsonElement Element(Cell cell)
    {
        if (cell.Value is { ValueKind: JsonValueKind.Array or JsonValueKind.Object } value)
        {
            return value;
        }
        if (cell.Value is not null || cell.Text is not { } text || text.AsSpan().Trim() is not (['[', .., ']'] or ['{', .., '}']))
        {
            return default;
        }
        try
        {
            return JsonElement.Parse(text);
        }
        catch (JsonException)
        {
            // Brackets that people type are text.
            return default;
        }
    }

    /// <param name="Text">Null where it is empty.</param>
    /// <param name="Value">Where the source is JSON.</param>
    private sealed record Cell(string Name, string? Text, JsonElement? Value);
}
