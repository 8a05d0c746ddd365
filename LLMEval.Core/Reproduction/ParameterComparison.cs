using System.Text.Json;

namespace LLMEval.Core.Reproduction;

public enum ParameterDifference { Equal, Different, OnlyHere, OnlyRecorded }

/// <summary>Why a parameter differs.</summary>
public enum ParameterNote
{
    None,

    /// <summary>Each generation has a seed of its own, so that n of them are n observations.</summary>
    OwnSeed,

    /// <summary>The value is what an endpoint takes where nothing is said.</summary>
    DefaultValue,

    /// <summary>The other side gives the same limit under its other name.</summary>
    OtherName,

    /// <summary>How the answer travels, not what it says.</summary>
    Transport,

    /// <summary>One side names the model, the other its dated snapshot.</summary>
    DatedModel,
    OtherModel,
    Overridden,
    TakenAway,

    /// <summary>The value that was recorded is none that an endpoint takes.</summary>
    NotSendable,

    /// <summary>The name means something else, or nothing, to other endpoints, so that it is only sent as an override.</summary>
    NotKnown,

    /// <summary>The target version says so, and production recorded nothing of it.</summary>
    VersionOnly,
}

/// <summary>Whether the platform generates as production did.</summary>
public enum SameLogic
{
    /// <summary>Production recorded no parameters.</summary>
    Unknown,

    /// <summary>Parameters and prompt are the same, or differ only where it makes no difference.</summary>
    Same,

    /// <summary>The parameters are; production recorded no prompt to compare.</summary>
    SameParameters,
    Different,
}

/// <param name="Here">As JSON; null where it is not sent.</param>
/// <param name="Source">Where the sent value comes from; null where none is sent.</param>
/// <param name="Matters">Whether the difference makes answers differ.</param>
public sealed record ParameterRow(string Key, ParameterDifference Difference, string? Here, string? Recorded, ParameterSource? Source, ParameterNote Note, bool Matters);

/// <summary>Compares what is sent with what production recorded, key by key.</summary>
internal static class ParameterComparison
{
    // The defaults of the chat completions API; endpoints that speak it take the same.
    private static readonly Dictionary<string, double> Defaults = new(StringComparer.Ordinal)
    {
        ["temperature"] = 1,
        ["top_p"] = 1,
        ["n"] = 1,
        ["frequency_penalty"] = 0,
        ["presence_penalty"] = 0,
    };

    private static readonly HashSet<string> Transport = ["stream", "stream_options", "store", "service_tier"];
    private static readonly Dictionary<string, string> OtherNames = new(StringComparer.Ordinal) { ["max_tokens"] = "max_completion_tokens", ["max_completion_tokens"] = "max_tokens" };

    /// <summary>In the order of the keys.</summary>
    public static IReadOnlyList<ParameterRow> Of(
        IReadOnlyDictionary<string, JsonElement> here, IReadOnlyDictionary<string, JsonElement> recorded, IReadOnlyDictionary<string, ParameterSource> sources, IReadOnlyDictionary<string, JsonElement> overrides) =>
        [.. here.Keys.Union(recorded.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal).Select(key => Row(key, here, recorded, sources, overrides))];

    public static SameLogic Verdict(IReadOnlyList<ParameterRow> rows, bool isRecorded, bool? promptIsEqual) =>
        !isRecorded ? SameLogic.Unknown
        : rows.Any(r => r.Matters) || promptIsEqual == false ? SameLogic.Different
        : promptIsEqual is null ? SameLogic.SameParameters : SameLogic.Same;

    private static ParameterRow Row(
        string key, IReadOnlyDictionary<string, JsonElement> here, IReadOnlyDictionary<string, JsonElement> recorded, IReadOnlyDictionary<string, ParameterSource> sources, IReadOnlyDictionary<string, JsonElement> overrides)
    {
        var isHere = here.TryGetValue(key, out var mine);
        var isRecorded = recorded.TryGetValue(key, out var theirs);
        var difference = !isRecorded ? ParameterDifference.OnlyHere
            : !isHere ? ParameterDifference.OnlyRecorded
            : AreEqual(mine, theirs) ? ParameterDifference.Equal : ParameterDifference.Different;
        ParameterSource? source = !isHere ? null : key == ReproductionParameters.Seed ? ParameterSource.Own : sources.TryGetValue(key, out var known) ? known : overrides.ContainsKey(key) ? ParameterSource.Override : ParameterSource.Version;
        var (note, matters) = difference == ParameterDifference.Equal ? (ParameterNote.None, false) : Explain(key, difference, mine, theirs, here, recorded, source, overrides);
        return new ParameterRow(key, difference, isHere ? mine.GetRawText() : null, isRecorded ? theirs.GetRawText() : null, source, note, matters);
    }

    private static (ParameterNote Note, bool Matters) Explain(
        string key, ParameterDifference difference, JsonElement mine, JsonElement theirs, IReadOnlyDictionary<string, JsonElement> here, IReadOnlyDictionary<string, JsonElement> recorded,
        ParameterSource? source, IReadOnlyDictionary<string, JsonElement> overrides)
    {
        if (key == ReproductionParameters.Seed)
        {
            return (ParameterNote.OwnSeed, false);
        }
        if (Transport.Contains(key))
        {
            return (ParameterNote.Transport, false);
        }
        if (difference == ParameterDifference.Different)
        {
            return key == ReproductionParameters.Model
                ? IsSnapshot(mine, theirs) ? (ParameterNote.DatedModel, false) : (ParameterNote.OtherModel, true)
                : source == ParameterSource.Override ? (ParameterNote.Overridden, true)
                : ReproductionParameters.IsKnown(key) ? (ParameterNote.NotSendable, true) : (ParameterNote.NotKnown, true);
        }
        var (value, others) = difference == ParameterDifference.OnlyHere ? (mine, recorded) : (theirs, here);
        if (OtherNames.TryGetValue(key, out var otherName) && others.TryGetValue(otherName, out var other) && AreEqual(value, other))
        {
            return (ParameterNote.OtherName, false);
        }
        if (IsDefault(key, value))
        {
            return (ParameterNote.DefaultValue, false);
        }
        if (difference == ParameterDifference.OnlyHere)
        {
            return (source == ParameterSource.Override ? ParameterNote.Overridden : ParameterNote.VersionOnly, true);
        }
        return overrides.TryGetValue(key, out var given) && given.ValueKind == JsonValueKind.Null ? (ParameterNote.TakenAway, true)
            : key == ReproductionParameters.Model ? (ParameterNote.OtherModel, true)
            : ReproductionParameters.IsKnown(key) ? (ParameterNote.NotSendable, true) : (ParameterNote.NotKnown, true);
    }

    private static bool AreEqual(JsonElement a, JsonElement b) =>
        JsonElement.DeepEquals(a, b) || (a.ValueKind == JsonValueKind.Number && b.ValueKind == JsonValueKind.Number && a.GetDouble() == b.GetDouble());

    private static bool IsDefault(string key, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => true,
        JsonValueKind.Number => Defaults.TryGetValue(key, out var known) && value.GetDouble() == known,
        JsonValueKind.Array => key is "stop" or "tools" && value.GetArrayLength() == 0,
        JsonValueKind.False => key is "logprobs",
        _ => false,
    };

    // gpt-x and gpt-x-2024-08-06 are one model by two names.
    private static bool IsSnapshot(JsonElement a, JsonElement b)
    {
        if (a.ValueKind != JsonValueKind.String || b.ValueKind != JsonValueKind.String)
        {
            return false;
        }
        var (one, two) = (a.GetString()!, b.GetString()!);
        var (name, dated) = one.Length < two.Length ? (one, two) : (two, one);
        return name.Length > 0 && dated.StartsWith(name, StringComparison.Ordinal) && dated.Length >= name.Length + 5 && (dated[name.Length] is '-' or '@' or ':')
            && dated[(name.Length + 1)..].All(c => char.IsAsciiDigit(c) || c == '-');
    }
}
