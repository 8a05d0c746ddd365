using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using LLMEval.Core.Sessions;

namespace LLMEval.Core.Collecting.Sets;

/// <summary>
/// Reads promptfoo's test cases, in YAML, JSON and tables. The variable that looks like the question is it, one that looks like a reference is that; assertions that compare with a text make it a
/// reference, rubrics make the expected behaviour; whatever else a case has stands in the metadata under <c>promptfoo</c>.
/// </summary>
internal static class PromptfooTests
{
    public const string Name = "promptfoo";
    public const string MetadataName = "llmeval";

    /// <summary>In the metadata: all messages, where the variables say only a part of them.</summary>
    public const string MessagesName = "messages";
    private const string ExpectedColumn = "__expected";
    private const string MetadataColumn = "__metadata:";
    private static readonly string[] Rubrics = ["llm-rubric", "g-eval", "model-graded-closedqa", "agent-rubric"];
    private static readonly string[] Comparing = ["equals", "similar", "similar:cosine", "factuality", "model-graded-factuality", "levenshtein", "rouge-n", "bleu", "gleu", "meteor"];

    /// <summary>The test cases of a configuration, or of a list of them; null where neither stands there.</summary>
    public static IEnumerable<JsonElement>? Of(JsonElement root) => root.ValueKind switch
    {
        JsonValueKind.Array => root.EnumerateArray(),
        JsonValueKind.Object when root.TryGetProperty("tests", out var tests) && tests.ValueKind == JsonValueKind.Array => tests.EnumerateArray(),
        JsonValueKind.Object when root.TryGetProperty("vars", out _) => [root],
        _ => null,
    };

    public static List<DraftOrRejection> Case(JsonElement test, SetFields fields)
    {
        if (!test.TryGetProperty("vars", out var vars) || !fields.Json.IsObject(vars, "vars"))
        {
            fields.Json.Reject(Rejection.Missing, "vars", "object");
            return [new DraftOrRejection(null, fields.Problem)];
        }
        var values = vars.EnumerateObject().ToDictionary(p => p.Name, p => p.Value, StringComparer.Ordinal);
        var columns = SetColumns.Guess([.. values.Keys]);
        if (columns.Question is null)
        {
            // Templates name their variables as they like: a list of values is what is varied, else the longest text is what is asked.
            var asked = values.OrderByDescending(v => v.Value.ValueKind == JsonValueKind.Array).ThenByDescending(v => SetFields.Text(v.Value)?.Length ?? 0).Select(v => v.Key).FirstOrDefault();
            columns = SetColumns.Guess([.. values.Keys.Where(name => name != asked)]) with { Question = asked };
        }
        if (columns.Question is not { } question)
        {
            fields.Json.Reject(Rejection.Missing, "vars.question", "text");
            return [new DraftOrRejection(null, fields.Problem)];
        }
        // A list as a value stands for a case of each.
        var expands = values[question].ValueKind == JsonValueKind.Array && !ChatMessages.Are(values[question]) && !IsTrue(test, "options", "disableVarExpansion");
        return [.. (expands ? values[question].EnumerateArray().ToList() : [values[question]]).Select(asked => One(test, values, columns, asked, fields))];
    }

    /// <summary>A table's row as a test case.</summary>
    public static List<DraftOrRejection> Row(IReadOnlyList<string> headers, IReadOnlyList<string> row, SetFields fields)
    {
        fields.Begin();
        var test = new JsonObject();
        var vars = new JsonObject();
        var metadata = new JsonObject();
        var asserts = new JsonArray();
        foreach (var (header, text) in headers.Zip(row).Where(pair => pair.Second.Length > 0))
        {
            if (header.StartsWith(MetadataColumn, StringComparison.Ordinal))
            {
                var key = header[MetadataColumn.Length..];
                metadata[key.EndsWith("[]", StringComparison.Ordinal) ? key[..^2] : key] = key.EndsWith("[]", StringComparison.Ordinal) ? List(text) : Value(text, key);
            }
            else if (header.StartsWith(ExpectedColumn, StringComparison.Ordinal) && header[ExpectedColumn.Length..].All(char.IsAsciiDigit))
            {
                asserts.Add(Assertion(text));
            }
            else if (header.StartsWith("__", StringComparison.Ordinal))
            {
                test[header[2..]] = text;
            }
            else
            {
                vars[header] = text;
            }
        }
        test["vars"] = vars;
        if (asserts.Count > 0)
        {
            test["assert"] = asserts;
        }
        if (metadata.Count > 0)
        {
            test["metadata"] = metadata;
        }
        return Case(JsonSerializer.SerializeToElement(test), fields);
    }

    private static DraftOrRejection One(JsonElement test, Dictionary<string, JsonElement> values, SetColumns columns, JsonElement asked, SetFields fields)
    {
        fields.Begin();
        var metadata = test.TryGetProperty("metadata", out var given) ? DraftMetadata.Fields(given, "metadata") : [];
        // Ours stand together, where a table could not hold them one by one.
        if (metadata[MetadataName] is JsonObject ours)
        {
            metadata.Remove(MetadataName);
            foreach (var (name, value) in ours)
            {
                metadata[name] = value?.DeepClone();
            }
        }
        var rest = OpenAiLines.Rest(test, ["vars", "metadata", "assert", "providerOutput", "description"]);
        var (references, behaviour, asserts) = Asserts(test);
        if (asserts.Count > 0)
        {
            rest["assert"] = asserts;
        }
        // Read like a record of a question set, whose names nobody fixed either.
        var record = new JsonObject();
        foreach (var (name, value) in values)
        {
            record[name] = DraftMetadata.Node(name == columns.Question ? asked : value);
        }
        var read = ColumnRecords.Read(JsonSerializer.SerializeToElement(record), fields, columns);
        if (read[0].Draft is not { } draft)
        {
            return read[0];
        }
        if (DraftMetadata.Parse(draft.MetadataJson) is { Count: > 0 } others)
        {
            rest["vars"] = others;
        }
        if (rest.Count > 0)
        {
            metadata[Name] = rest;
        }
        if (metadata[MessagesName] is JsonArray messages && JsonSerializer.SerializeToElement(messages) is var whole && ChatMessages.Are(whole))
        {
            draft = draft with { Input = ChatMessages.Read(whole, "metadata.messages", fields) };
            metadata.Remove(MessagesName);
        }
        draft = draft with
        {
            References = [.. draft.References.Concat(references).Distinct(StringComparer.Ordinal)],
            ExpectedBehaviour = draft.ExpectedBehaviour ?? behaviour,
            RecordedAnswer = test.TryGetProperty("providerOutput", out var output) ? SetFields.Text(output) : draft.RecordedAnswer,
            ExternalId = draft.ExternalId ?? (test.TryGetProperty("description", out var description) && SetFields.Text(description) is { Length: > 0 and <= SetFields.IdLength } text ? text.Trim() : null),
            MetadataJson = null,
        };
        return fields.Checked(DraftMetadata.Take(draft, metadata, fields), "vars." + columns.Question);
    }

    private static (List<string> References, string? Behaviour, JsonArray Others) Asserts(JsonElement test)
    {
        var (references, rubrics, others) = (new List<string>(), new List<string>(), new JsonArray());
        if (test.TryGetProperty("assert", out var list) && list.ValueKind == JsonValueKind.Array)
        {
            foreach (var assertion in list.EnumerateArray())
            {
                var type = assertion.ValueKind == JsonValueKind.Object && assertion.TryGetProperty("type", out var named) ? SetFields.Text(named) : null;
                var value = assertion.ValueKind == JsonValueKind.Object && assertion.TryGetProperty("value", out var compared) && compared.ValueKind is JsonValueKind.String or JsonValueKind.Array ? SetFields.Texts(compared) : [];
                if (value.Count > 0 && Rubrics.Contains(type))
                {
                    rubrics.AddRange(value);
                }
                else if (value.Count > 0 && Comparing.Contains(type))
                {
                    references.AddRange(value);
                }
                else
                {
                    others.Add(DraftMetadata.Node(assertion));
                }
            }
        }
        return (references, rubrics.Count > 0 ? string.Join('\n', rubrics) : null, others);
    }

    /// <summary><c>type:value</c> or <c>type(threshold):value</c>; without a known type the text is what is expected.</summary>
    private static JsonObject Assertion(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var type = colon > 0 ? text[..colon].Trim() : "";
        var bracket = type.IndexOf('(', StringComparison.Ordinal);
        double? threshold = bracket > 0 && type.EndsWith(')') && double.TryParse(type[(bracket + 1)..^1], CultureInfo.InvariantCulture, out var number) ? number : null;
        type = bracket > 0 ? type[..bracket] : type;
        if (type.Length == 0 || !type.All(c => char.IsAsciiLetterLower(c) || c == '-'))
        {
            return new JsonObject { ["type"] = "equals", ["value"] = text };
        }
        var assertion = new JsonObject { ["type"] = type == "grade" ? "llm-rubric" : type, ["value"] = text[(colon + 1)..].Trim() };
        if (threshold is { } given)
        {
            assertion["threshold"] = given;
        }
        return assertion;
    }

    private static JsonNode? Value(string text, string key)
    {
        try
        {
            return key == MetadataName ? JsonNode.Parse(text) : JsonValue.Create(text);
        }
        catch (JsonException)
        {
            return JsonValue.Create(text);
        }
    }

    private static JsonArray List(string text) =>
        [.. text.Replace("\\,", "\u0001", StringComparison.Ordinal).Split(',', StringSplitOptions.TrimEntries).Select(part => JsonValue.Create(part.Replace('\u0001', ',')))];

    private static bool IsTrue(JsonElement owner, string name, string inner) =>
        owner.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Object && value.TryGetProperty(inner, out var flag) && flag.ValueKind == JsonValueKind.True;
}
