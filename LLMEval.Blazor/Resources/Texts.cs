namespace LLMEval.Blazor.Resources;

// One marker a resource pair: IStringLocalizer<ShellTexts> reads Shell.resx and Shell.zh-CN.resx.

/// <summary>The frame around all pages.</summary>
public sealed class ShellTexts;

/// <summary>Words that several features share: Cancel, Save, Close…</summary>
public sealed class SharedTexts;

/// <summary>Sign-in and what belongs to it.</summary>
public sealed class AccountTexts;

/// <summary>The first page.</summary>
public sealed class HomeTexts;

/// <summary>The import page.</summary>
public sealed class CollectingTexts;

/// <summary>One sentence for each code of a <see cref="Core.Sessions.Rejection"/>.</summary>
public sealed class RejectionsTexts;

/// <summary>One sentence for each code of a <see cref="Core.Common.Failure"/>.</summary>
public sealed class FailuresTexts;

/// <summary>Evaluation sets and samples.</summary>
public sealed class SamplesTexts;

/// <summary>The pool of samples: bulk work, rules and draws.</summary>
public sealed class SamplingTexts;

/// <summary>Targets and their versions.</summary>
public sealed class TargetsTexts;

/// <summary>Runs and their results.</summary>
public sealed class RunsTexts;

/// <summary>Words for codes that Core stores: metrics, scorers, why something is unscored, what went wrong at an endpoint.</summary>
public sealed class CodesTexts;

/// <summary>The sessions grid and the chat dialog.</summary>
public sealed class SessionsTexts;

/// <summary>The message search.</summary>
public sealed class SearchTexts;

/// <summary>Labelling.</summary>
public sealed class LabelsTexts;

/// <summary>Reproduction tasks.</summary>
public sealed class ReproductionTexts;
