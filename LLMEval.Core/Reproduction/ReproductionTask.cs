using LLMEval.Core.Common;
using LLMEval.Core.Sessions;
using LLMEval.Core.Targets;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace LLMEval.Core.Reproduction;

public enum ReproductionState { Pending, Running, Completed, Cancelled, Failed }

/// <summary>Bad, good, or not yet decided (a person decides, or the generation failed).</summary>
public enum GenerationVerdict { Undecided, Good, Bad }

/// <summary>Asking again for a recorded bad answer, n times.</summary>
public sealed class ReproductionTask : IBelongsToBiz
{
    public long Id { get; set; }
    public string BizCode { get; set; } = "";
    public string RobotId { get; set; } = "";
    public long MessageId { get; set; }
    public string SessionExternalId { get; set; } = "";
    public string MessageExternalId { get; set; } = "";
    public string BadAnswerPreview { get; set; } = "";

    /// <summary>The turn as it was: context, memory, recorded answer and parameters, as a JSON <c>ReproductionCase</c>.</summary>
    public string CaseJson { get; set; } = "{}";
    public long TargetVersionId { get; set; }
    public string TargetName { get; set; } = "";
    public int TargetNumber { get; set; }
    public string OverridesJson { get; set; } = "{}";

    /// <summary>The parameters exactly as they are sent, as a JSON object.</summary>
    public string ParametersJson { get; set; } = "{}";
    public string? RecordedParametersJson { get; set; }
    public string CriterionJson { get; set; } = "{}";
    public int Times { get; set; }
    public ReproductionState State { get; set; }
    public int Bad { get; set; }

    /// <summary>Generations with a verdict.</summary>
    public int Graded { get; set; }
    public double? Rate { get; set; }
    public double? Low { get; set; }
    public double? High { get; set; }
    public DateTime CreatedAt { get; set; }
    public DateTime? FinishedAt { get; set; }
    public DateTime? CancelRequestedAt { get; set; }
    public long StartedById { get; set; }
    public string StartedByName { get; set; } = "";

    /// <summary>Why it ended <see cref="ReproductionState.Failed"/>: a code of the Failures resources.</summary>
    public string? FailureCode { get; set; }
}

/// <summary>One of the n answers.</summary>
public sealed class ReproductionGeneration
{
    public long Id { get; set; }
    public long TaskId { get; set; }

    /// <summary>From 0; unique within the task, so that a repeated step is harmless.</summary>
    public int Index { get; set; }
    public ReplyStatus Status { get; set; }
    public string? Text { get; set; }
    public GenerationVerdict Verdict { get; set; }
    public double? Score { get; set; }

    /// <summary>Who gave the verdict by hand; null where the criterion did.</summary>
    public string? JudgedByName { get; set; }
    public DateTime? JudgedAt { get; set; }
    public int? Seed { get; set; }
    public int? DurationMs { get; set; }
    public int Attempts { get; set; }
    public int? InputTokens { get; set; }
    public int? OutputTokens { get; set; }
    public string? ResponseModel { get; set; }
    public string? RequestJson { get; set; }
    public string? ResponseJson { get; set; }
    public string? ErrorType { get; set; }
    public string? ErrorDetail { get; set; }
    public DateTime At { get; set; }
}

internal sealed class ReproductionConfiguration : IEntityTypeConfiguration<ReproductionTask>, IEntityTypeConfiguration<ReproductionGeneration>
{
    public void Configure(EntityTypeBuilder<ReproductionTask> builder)
    {
        builder.Property(t => t.BizCode).HasMaxLength(64);
        builder.Property(t => t.RobotId).HasMaxLength(64);
        builder.Property(t => t.SessionExternalId).HasMaxLength(128);
        builder.Property(t => t.MessageExternalId).HasMaxLength(128);
        builder.Property(t => t.BadAnswerPreview).HasMaxLength(Preview.MaxLength);
        builder.Property(t => t.TargetName).HasMaxLength(100);
        builder.Property(t => t.StartedByName).HasMaxLength(256);
        builder.Property(t => t.FailureCode).HasMaxLength(64);
        // Serves the list, newest first.
        builder.HasIndex(t => new { t.CreatedAt, t.Id });
        builder.HasIndex(t => t.State);
        builder.HasIndex(t => t.MessageId);
        builder.HasOne<Message>().WithMany().HasForeignKey(t => t.MessageId).OnDelete(DeleteBehavior.Restrict);
        builder.HasOne<TargetVersion>().WithMany().HasForeignKey(t => t.TargetVersionId).OnDelete(DeleteBehavior.Restrict);
        builder.HasMany<ReproductionGeneration>().WithOne().HasForeignKey(g => g.TaskId);
    }

    public void Configure(EntityTypeBuilder<ReproductionGeneration> builder)
    {
        builder.Property(g => g.JudgedByName).HasMaxLength(256);
        builder.Property(g => g.ResponseModel).HasMaxLength(128);
        builder.Property(g => g.ErrorType).HasMaxLength(100);
        builder.Property(g => g.ErrorDetail).HasMaxLength(2000);
        builder.HasIndex(g => new { g.TaskId, g.Index }).IsUnique();
    }
}
