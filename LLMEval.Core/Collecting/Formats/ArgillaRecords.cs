using System.Text.Json;
using LLMEval.Core.Sessions;

namespace LLMEval.Core.Collecting.Formats;

/// <summary>
/// Reads labels out of records of Argilla, one a line: which message it is stands in the metadata, and what one user answered to the questions verdict, score, tags, ground_truth, prediction and
/// comment is that user's label. Drafts and discarded answers are none. The scale of the scores stands in the metadata too.
/// </summary>
internal static class ArgillaRecords
{
    public static List<LabelOrRejection> Labels(JsonElement record, LabelFields fields)
    {
        if (!record.TryGetProperty("responses", out var responses) || responses.ValueKind == JsonValueKind.Null)
        {
            return [];
        }
        if (!record.TryGetProperty("metadata", out var metadata))
        {
            return [new(null, new Rejection(Rejection.Missing, "metadata", "object"))];
        }
        if (!fields.Json.IsObject(metadata, "metadata") || !fields.Json.IsObject(responses, "responses"))
        {
            return [new(null, fields.Problem)];
        }
        var place = fields.Place(metadata, "metadata.");
        var scale = fields.Text(metadata, "scale", "metadata.");
        if (fields.Problem is { } problem)
        {
            return [new(null, problem)];
        }
        var labels = new List<LabelOrRejection>();
        foreach (var (user, answers) in ByUser(responses, fields))
        {
            fields.Begin();
            var at = $"responses of {JsonFields.Shown(user ?? "?")}: ";
            var draft = new LabelDraft { Annotator = user, Scale = scale };
            foreach (var (question, answer) in answers)
            {
                draft.Set(question, answer.TryGetProperty("value", out var value) ? fields.Values(value, at + question) : []);
            }
            labels.Add(fields.Label(place, draft, at, "user_id"));
        }
        // What was wrong with the questions themselves.
        return fields.Problem is { } broken && labels.Count == 0 ? [new(null, broken)] : labels;
    }

    /// <summary>The answers of each user, users in the order in which they come first; of answers without one, a null.</summary>
    private static List<(string? User, List<(string Question, JsonElement Answer)> Answers)> ByUser(JsonElement responses, LabelFields fields)
    {
        var users = new List<(string? User, List<(string, JsonElement)> Answers)>();
        foreach (var question in responses.EnumerateObject())
        {
            var at = "responses." + question.Name;
            if (question.Value.ValueKind == JsonValueKind.Null || !fields.Json.IsArray(question.Value, at))
            {
                continue;
            }
            foreach (var answer in question.Value.EnumerateArray())
            {
                if (!fields.Json.IsObject(answer, at) || fields.Text(answer, "status", at + ".") is "draft" or "discarded")
                {
                    continue;
                }
                var user = fields.Text(answer, "user_id", at + ".");
                var known = users.Find(u => u.User == user);
                if (known.Answers is null)
                {
                    users.Add(known = (user, []));
                }
                known.Answers.Add((question.Name, answer));
            }
        }
        return users;
    }
}
