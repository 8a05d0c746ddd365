using System.Text.Json.Nodes;
using LLMEval.Core.Collecting.Sets;
using LLMEval.Core.Common;
using LLMEval.Core.Samples;

namespace LLMEval.Core.Exports.Sets;

/// <summary>An item as a promptfoo test case: variables for the prompt, a rubric for the expected behaviour, the rest in its metadata.</summary>
internal static class PromptfooShape
{
    private const string Question = "question";
    private const string Reference = "ground_truth";

    /// <summary>Asks with what was said before, in the order in which a bot would read it.</summary>
    public const string Prompt =
        "{% if system_prompt %}{{system_prompt}}\n\n{% endif %}{% if memory %}{{memory}}\n\n{% endif %}{% if history %}{{history}}\n\n{% endif %}{{question}}";

    public static readonly string[] Columns = ["__description", "history", Question, "system_prompt", "memory", Reference, "__expected", "__providerOutput", "__metadata:" + PromptfooTests.MetadataName];

    public static JsonObject Test(SampleDraft draft)
    {
        var metadata = Metadata(draft);
        var own = metadata[PromptfooTests.Name] as JsonObject;
        metadata.Remove(PromptfooTests.Name);
        var vars = new JsonObject();
        foreach (var (name, value) in Vars(draft, own))
        {
            vars[name] = value;
        }
        foreach (var (name, value) in own?["vars"] as JsonObject ?? [])
        {
            vars[name] = value?.DeepClone();
        }
        var test = new JsonObject();
        if (draft.ExternalId is { } id)
        {
            test["description"] = id;
        }
        test["vars"] = vars;
        var asserts = own?["assert"]?.DeepClone() as JsonArray ?? [];
        if (draft.ExpectedBehaviour is { } behaviour)
        {
            asserts.Add(new JsonObject { ["type"] = "llm-rubric", ["value"] = behaviour });
        }
        if (asserts.Count > 0)
        {
            test["assert"] = asserts;
        }
        if (draft.RecordedAnswer is { } answer)
        {
            test["providerOutput"] = answer;
        }
        foreach (var (name, value) in own?.Where(p => p.Key is not ("vars" or "assert")) ?? [])
        {
            test[name] = value?.DeepClone();
        }
        test["metadata"] = metadata;
        return test;
    }

    public static string[] Row(SampleDraft draft)
    {
        var vars = Vars(draft, null).ToDictionary(v => v.Name, v => v.Value, StringComparer.Ordinal);
        return
        [
            draft.ExternalId ?? "",
            vars.GetValueOrDefault("history") ?? "",
            vars[Question],
            draft.SystemPrompt ?? "",
            vars.GetValueOrDefault("memory") ?? "",
            vars.GetValueOrDefault(Reference) ?? "",
            draft.ExpectedBehaviour is { } behaviour ? "llm-rubric: " + behaviour : "",
            draft.RecordedAnswer ?? "",
            Json.Write(Metadata(draft)),
        ];
    }

    // What the variables show shortened stands here whole.
    private static JsonObject Metadata(SampleDraft draft)
    {
        var metadata = DraftMetadata.Of(draft, DraftMetadata.Id, DraftMetadata.SystemPrompt, DraftMetadata.ExpectedBehaviour, DraftMetadata.RecordedAnswer);
        if (draft.IsScript || draft.Input is not [{ Role: "user", MsgId: null, SentAt: null }])
        {
            metadata[PromptfooTests.MessagesName] = SetItemJson.Messages(draft.Input);
        }
        return metadata;
    }

    private static IEnumerable<(string Name, string Value)> Vars(SampleDraft draft, JsonObject? own)
    {
        var last = draft.Input[^1];
        if (draft.Input.Count > 1)
        {
            yield return ("history", Json.Write(SetItemJson.Messages(draft.Input.SkipLast(1).Select(m => new SampleMessage(m.Role, m.Content)))));
        }
        yield return (Question, last.Content);
        if (draft.SystemPrompt is { } prompt)
        {
            yield return ("system_prompt", prompt);
        }
        if (draft.Memory.Count > 0)
        {
            yield return ("memory", string.Join('\n', draft.Memory.Select(m => m.Content)));
        }
        // A list of references would be taken for several cases.
        if (draft.References is [var reference, ..] && own?["vars"]?[Reference] is null)
        {
            yield return (Reference, reference);
        }
    }
}
