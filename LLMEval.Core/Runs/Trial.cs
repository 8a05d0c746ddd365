using LLMEval.Core.Samples;
using LLMEval.Core.Targets;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace LLMEval.Core.Runs;

public enum TrialState { Pending, Answered, Scored, Failed }

/// <summary>One sample, asked once of one target version. It only moves forward, by conditional update, so that running it twice is harmless.</summary>
public sealed class Trial
{
    public long Id { get; set; }
    public long RunId { get; set; }
    public long SampleId { get; set; }
    public int Position { get; set; }
    public int TargetIndex { get; set; }

    /// <summary>Repeat number, from 0.</summary>
    public int Epoch { get; set; }
    public int Shard { get; set; }
    public TrialState State { get; set; }
    public ReplyStatus? ReplyStatus { get; set; }
    public string? Answer { get; set; }
    public string? RequestJson { get; set; }
    public string? ResponseModel { get; set; }
    public int? InputTokens { get; set; }
    public int? OutputTokens { get; set; }
    public int? DurationMs { get; set; }
    public int Attempts { get; set; }
    public string? ErrorType { get; set; }
    public string? ErrorDetail { get; set; }
    public DateTime? AnsweredAt { get; set; }
    public DateTime? ScoredAt { get; set; }
}

public sealed class TrialScore
{
    public long Id { get; set; }
    public long TrialId { get; set; }
    public string Scorer { get; set; } = "";
    public string Metric { get; set; } = "";
    public double? Value { get; set; }
    public string? Label { get; set; }
    public string? Explanation { get; set; }
    public string? UnscoredBecause { get; set; }
}

internal sealed class TrialConfiguration : IEntityTypeConfiguration<Trial>, IEntityTypeConfiguration<TrialScore>
{
    public void Configure(EntityTypeBuilder<Trial> builder)
    {
        builder.Property(t => t.ResponseModel).HasMaxLength(128);
        builder.Property(t => t.ErrorType).HasMaxLength(100);
        builder.Property(t => t.ErrorDetail).HasMaxLength(2000);
        // A trial's key; also serves the results page, item by item with its targets together.
        builder.HasIndex(t => new { t.RunId, t.Position, t.TargetIndex, t.Epoch }).IsUnique();
        // Serves a worker that looks for what is left of its shard.
        builder.HasIndex(t => new { t.RunId, t.Shard, t.State });
        // Serves the progress counts.
        builder.HasIndex(t => new { t.RunId, t.State });
        builder.HasOne<Sample>().WithMany().HasForeignKey(t => t.SampleId).OnDelete(DeleteBehavior.Restrict);
        builder.HasMany<TrialScore>().WithOne().HasForeignKey(s => s.TrialId);
    }

    public void Configure(EntityTypeBuilder<TrialScore> builder)
    {
        builder.Property(s => s.Scorer).HasMaxLength(64);
        builder.Property(s => s.Metric).HasMaxLength(64);
        builder.Property(s => s.Label).HasMaxLength(64);
        builder.Property(s => s.Explanation).HasMaxLength(2000);
        builder.Property(s => s.UnscoredBecause).HasMaxLength(200);
        // Each trial is scored exactly once by each scorer and metric.
        builder.HasIndex(s => new { s.TrialId, s.Scorer, s.Metric }).IsUnique();
    }
}
