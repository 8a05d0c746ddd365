using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace LLMEval.Core.Runs;

/// <summary><see cref="Planning"/> while its trials are being inserted; a run found there at start-up is removed, since nobody was told of it yet.</summary>
public enum RunState { Planning, Pending, Running, Completed, Cancelled, Failed }

/// <summary>A set version × target versions × repeats × scorers.</summary>
public sealed class Run
{
    public long Id { get; set; }
    public string Name { get; set; } = "";
    public long SetId { get; set; }
    public string SetName { get; set; } = "";
    public int SetVersionNumber { get; set; }
    public RunState State { get; set; }

    /// <summary>The frozen <see cref="RunPlan"/>.</summary>
    public string PlanJson { get; set; } = "{}";
    public string PlanFingerprint { get; set; } = "";

    /// <summary>The targets as <c>name@number</c>, for lists; cut where there are very many.</summary>
    public string TargetNames { get; set; } = "";
    public int TrialCount { get; set; }
    public int ShardCount { get; set; }
    public DateTime CreatedAt { get; set; }
    public DateTime? StartedAt { get; set; }
    public DateTime? FinishedAt { get; set; }
    public DateTime? CancelRequestedAt { get; set; }
    public long StartedById { get; set; }
    public string StartedByName { get; set; } = "";

    /// <summary>Why it ended <see cref="RunState.Failed"/>: a code of the Failures resources.</summary>
    public string? FailureCode { get; set; }
}

/// <summary>Mean of one metric for one target of a run; unscored trials are counted apart and never as zero.</summary>
public sealed class MetricSummary
{
    public long RunId { get; set; }
    public int TargetIndex { get; set; }
    public string Scorer { get; set; } = "";
    public string Metric { get; set; } = "";
    public int Scored { get; set; }
    public int Unscored { get; set; }
    public int Clusters { get; set; }
    public double? Mean { get; set; }
    public double? StandardError { get; set; }
    public double? Low { get; set; }
    public double? High { get; set; }

    /// <summary>Name of the interval's method, as the methods page calls it.</summary>
    public string Method { get; set; } = "";

    /// <summary>ok, empty, single, zero_variance, one_cluster…</summary>
    public string Status { get; set; } = "";
}

internal sealed class RunConfiguration : IEntityTypeConfiguration<Run>, IEntityTypeConfiguration<MetricSummary>
{
    internal const int TargetNamesLength = 500;

    public void Configure(EntityTypeBuilder<Run> builder)
    {
        builder.Property(r => r.Name).HasMaxLength(200);
        builder.Property(r => r.SetName).HasMaxLength(100);
        builder.Property(r => r.PlanFingerprint).HasMaxLength(Common.Fingerprint.Length);
        builder.Property(r => r.TargetNames).HasMaxLength(TargetNamesLength);
        builder.Property(r => r.StartedByName).HasMaxLength(256);
        builder.Property(r => r.FailureCode).HasMaxLength(64);
        // Serves the list of runs, newest first.
        builder.HasIndex(r => new { r.CreatedAt, r.Id });
        // Serves the sweep for unfinished runs.
        builder.HasIndex(r => r.State);
        builder.HasIndex(r => r.SetId);
        builder.HasMany<Trial>().WithOne().HasForeignKey(t => t.RunId);
        builder.HasMany<MetricSummary>().WithOne().HasForeignKey(m => m.RunId);
    }

    public void Configure(EntityTypeBuilder<MetricSummary> builder)
    {
        builder.HasKey(m => new { m.RunId, m.TargetIndex, m.Scorer, m.Metric });
        builder.Property(m => m.Scorer).HasMaxLength(64);
        builder.Property(m => m.Metric).HasMaxLength(64);
        builder.Property(m => m.Method).HasMaxLength(40);
        builder.Property(m => m.Status).HasMaxLength(40);
    }
}
