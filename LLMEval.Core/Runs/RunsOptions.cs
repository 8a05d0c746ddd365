using LLMEval.Core.Data;
using Microsoft.Extensions.Configuration;

namespace LLMEval.Core.Runs;

/// <summary>The section <c>Runs</c>.</summary>
/// <param name="MaxParallel">Questions of one run in flight at once on one node, where the run does not say.</param>
/// <param name="ShardSize">Trials that one background job drives.</param>
/// <param name="CommitMilliseconds">How long finished steps wait for company before they are committed.</param>
/// <param name="CommitRows">How many finished steps are committed at once at most.</param>
/// <param name="MaxFailedShare">A run with a greater share of failed trials ends as failed.</param>
public sealed record RunsOptions(int MaxParallel = 8, int ShardSize = 200, int CommitMilliseconds = 40, int CommitRows = 200, double MaxFailedShare = 0.5)
{
    internal TimeSpan CommitWindow => TimeSpan.FromMilliseconds(CommitMilliseconds);

    /// <summary>Ends with a <see cref="ConfigurationException"/> that names the key at fault.</summary>
    public static RunsOptions From(IConfiguration configuration)
    {
        var defaults = new RunsOptions();
        return new RunsOptions(
            Settings.Whole(configuration, "Runs:MaxParallel", defaults.MaxParallel, 1, 1000),
            Settings.Whole(configuration, "Runs:ShardSize", defaults.ShardSize, 1, 10_000),
            Settings.Whole(configuration, "Runs:CommitMilliseconds", defaults.CommitMilliseconds, 1, 10_000),
            Settings.Whole(configuration, "Runs:CommitRows", defaults.CommitRows, 1, 10_000),
            Settings.Real(configuration, "Runs:MaxFailedShare", defaults.MaxFailedShare, 0, 1));
    }
}
