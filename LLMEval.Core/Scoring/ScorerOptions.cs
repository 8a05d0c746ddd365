using System.Text.Json;
using LLMEval.Core.Common;

namespace LLMEval.Core.Scoring;

/// <summary>Reads a scorer's options by name and remembers the first thing that does not fit; options nobody read are refused with their name.</summary>
public sealed class ScorerOptions(string kind, JsonElement options)
{
    private readonly HashSet<string> _read = new(StringComparer.Ordinal);
    private Failure? _failure;

    public bool Flag(string name, bool fallback)
    {
        if (!Find(name, out var value))
        {
            return fallback;
        }
        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            return value.GetBoolean();
        }
        Refuse(name, value);
        return fallback;
    }

    public int Whole(string name, int fallback, int minimum, int maximum)
    {
        if (!Find(name, out var value))
        {
            return fallback;
        }
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number >= minimum && number <= maximum)
        {
            return number;
        }
        Refuse(name, value);
        return fallback;
    }

    public string Choice(string name, string fallback, params ReadOnlySpan<string> allowed)
    {
        if (!Find(name, out var value))
        {
            return fallback;
        }
        if (value.ValueKind == JsonValueKind.String && value.GetString() is { } text && allowed.Contains(text))
        {
            return text;
        }
        Refuse(name, value);
        return fallback;
    }

    /// <summary>The scorer, or the first thing that did not fit. Call after all options were read.</summary>
    public Result<IScorer> Made(IScorer scorer) => Failure is { } failure ? failure : new Result<IScorer>(scorer, null);

    private Failure? Failure
    {
        get
        {
            if (_failure is not null || options.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null)
            {
                return _failure;
            }
            if (options.ValueKind != JsonValueKind.Object)
            {
                return Common.Failure.Invalid("ScorerOptionsNotAnObject", "options", kind);
            }
            var unknown = options.EnumerateObject().FirstOrDefault(option => !_read.Contains(option.Name));
            return unknown.Value.ValueKind == JsonValueKind.Undefined ? null : Common.Failure.Invalid("ScorerOptionUnknown", unknown.Name, kind, unknown.Name);
        }
    }

    private bool Find(string name, out JsonElement value)
    {
        _read.Add(name);
        value = default;
        return options.ValueKind == JsonValueKind.Object && options.TryGetProperty(name, out value);
    }

    private void Refuse(string name, JsonElement value) => _failure ??= Common.Failure.Invalid("ScorerOptionInvalid", name, kind, name, Preview.Of(value.GetRawText()));
}
