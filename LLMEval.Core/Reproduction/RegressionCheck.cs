using LLMEval.Core.Samples;
using LLMEval.Core.Targets;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace LLMEval.Core.Reproduction;

/// <summary>A set of bad cases that is asked again of each new version of a target. It runs on behalf of whoever made it: what they may no longer see is asked no more.</summary>
public sealed class RegressionCheck
{
    public long Id { get; set; }
    public long SetId { get; set; }
    public long TargetId { get; set; }
    public bool IsPaused { get; set; }

    /// <summary>The newest version whose round was begun for every item; a newer one starts the next round.</summary>
    public int LastRound { get; set; }
    public DateTime? LastRoundAt { get; set; }

    /// <summary>Items of the last round that could not be asked: nothing tells a bad answer to them from a good one.</summary>
    public int LeftOut { get; set; }
    public DateTime CreatedAt { get; set; }
    public long CreatedById { get; set; }
    public string CreatedByName { get; set; } = "";
}

internal sealed class RegressionCheckConfiguration : IEntityTypeConfiguration<RegressionCheck>
{
    public void Configure(EntityTypeBuilder<RegressionCheck> builder)
    {
        builder.Property(c => c.CreatedByName).HasMaxLength(256);
        builder.HasIndex(c => new { c.SetId, c.TargetId }).IsUnique();
        builder.HasOne<EvaluationSet>().WithMany().HasForeignKey(c => c.SetId);
        builder.HasOne<Target>().WithMany().HasForeignKey(c => c.TargetId).OnDelete(DeleteBehavior.Restrict);
    }
}
