namespace LLMEval.Blazor.Samples;

/// <summary>An item of a set as it is now.</summary>
/// <param name="Number">As the list counts, from 1.</param>
public sealed record ItemPlace(long SetId, long ItemId, long SampleId, int Number);
