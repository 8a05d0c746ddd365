namespace LLMEval.Core.Samples;

public enum SetSourceKind { Empty, Rule, Draw, Selection, File, Clone }

/// <summary>How a set was made, so that it can be made again.</summary>
public sealed record SetSource(SetSourceKind Kind)
{
    /// <summary>The file's name, or the name of the set it was cloned from.</summary>
    public string? Name { get; init; }
    public SampleFilter? Filter { get; init; }
    public SetDraw? Draw { get; init; }

    /// <summary>How many samples the draw chose from.</summary>
    public int? PoolSize { get; init; }
}

public enum DrawRule
{
    /// <summary>Each sample as likely as any other.</summary>
    Random,

    /// <summary>So many of each group.</summary>
    Stratified,

    /// <summary>As many good as bad as unlabelled ones, as far as there are.</summary>
    LabelBalanced,

    /// <summary>Those whose answer of the newest runs scored lowest.</summary>
    WorstScored,
}

/// <summary>What a stratified draw's groups are.</summary>
public enum DrawStrata { Bot, Biz, Language, Tag }

/// <summary>How a stratified draw divides its size among the groups.</summary>
public enum DrawAllocation
{
    /// <summary>As large as the group is among the samples.</summary>
    Proportional,
    Equal,

    /// <summary>By size times the spread of <see cref="SetDraw.Metric"/> in it: most from where most is to be learnt.</summary>
    Neyman,
}

/// <param name="Seed">The same seed on the same samples draws the same ones.</param>
public sealed record SetDraw(DrawRule Rule, int Size, int Seed)
{
    public DrawStrata Strata { get; init; }

    /// <summary>Of <see cref="DrawStrata.Tag"/>: the node of the tag tree whose branches are the groups; empty for the top level.</summary>
    public string? StrataTag { get; init; }
    public DrawAllocation Allocation { get; init; }

    /// <summary>Of worst-scored and of Neyman: by which metric.</summary>
    public string? Metric { get; init; }
}
