using LLMEval.Core.Common;
using LLMEval.Core.Samples;
using LLMEval.Core.Sessions;
using LLMEval.Core.Statistics;
using LLMEval.Core.Targets;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace LLMEval.Core.Reproduction;

public enum ReproductionState { Pending, Running, Completed, Cancelled, Failed }

/// <summary>Bad, good, or not yet decided (a person decides, or the generation failed).</summary>
public enum GenerationVerdict { Undecided, Good, Bad }

/// <summary>What the n answers say of the bad case.</summary>
public enum ReproductionVerdict { Undecided, StillHappens, Fixed }

/// <summary>Asking again for a recorded bad answer, n times of each of some target versions.</summary>
public sealed class ReproductionTask
{
    public const int MaxCommentLength = 2000;

    public long Id { get; set; }

    /// <summary>Empty where it belongs to no business line, as typed questions do.</summary>
    public string BizCode { get; set; } = "";
    public string RobotId { get; set; } = "";

    /// <summary>Which bad case it is, so that its history is found: <c>message:12</c> or <c>sample:7</c>.</summary>
    public string CaseKey { get; set; } = "";
    public long? MessageId { get; set; }
    public long? SampleId { get; set; }
    public string SessionExternalId { get; set; } = "";
    public string MessageExternalId { get; set; } = "";
    public string BadAnswerPreview { get; set; } = "";
    public string QuestionPreview { get; set; } = "";

    /// <summary>The turn as it was: context, memory, recorded answer and parameters, as a JSON <c>ReproductionCase</c>.</summary>
    public string CaseJson { get; set; } = "{}";
    public string OverridesJson { get; set; } = "{}";
    public string? RecordedParametersJson { get; set; }
    public string CriterionJson { get; set; } = "{}";
    public string? Comment { get; set; }
    public Severity Severity { get; set; } = Severity.Minor;

    /// <summary>The rate of bad answers that is accepted, and the one that clearly hurts.</summary>
    public double P0 { get; set; } = 0.05;
    public double P1 { get; set; } = 0.30;

    /// <summary>Whether a version is asked no more once its verdict is clear.</summary>
    public bool StopsEarly { get; set; }

    /// <summary>Generations of each version at most, as the task was started with.</summary>
    public int Times { get; set; }
    public ReproductionState State { get; set; }

    /// <summary>Of the last version: the one that matters where a fix is compared with what was before.</summary>
    public ReproductionVerdict Verdict { get; set; }
    public DateTime CreatedAt { get; set; }
    public DateTime? FinishedAt { get; set; }
    public DateTime? CancelRequestedAt { get; set; }
    public long StartedById { get; set; }
    public string StartedByName { get; set; } = "";

    /// <summary>The regression check that started it, and for which version of its target; null where a person did.</summary>
    public long? CheckId { get; set; }
    public int? CheckRound { get; set; }

    /// <summary>Why it ended <see cref="ReproductionState.Failed"/>: a code of the Failures resources.</summary>
    public string? FailureCode { get; set; }
}

/// <summary>One target version of a task.</summary>
public sealed class ReproductionArm
{
    public long Id { get; set; }
    public long TaskId { get; set; }

    /// <summary>From 0, in the order in which the versions were given.</summary>
    public int Index { get; set; }
    public long TargetVersionId { get; set; }
    public string TargetName { get; set; } = "";
    public int TargetNumber { get; set; }

    /// <summary>What is asked, as a JSON <see cref="ArmPlan"/>.</summary>
    public string PlanJson { get; set; } = "{}";

    /// <summary>Generations at most.</summary>
    public int Times { get; set; }
    public int Bad { get; set; }

    /// <summary>Generations with a verdict.</summary>
    public int Graded { get; set; }
    public double? Rate { get; set; }
    public double? Low { get; set; }
    public double? High { get; set; }
    public ReproductionVerdict Verdict { get; set; }

    /// <summary>True when nothing more is asked: all times, or enough of them.</summary>
    public bool IsEnded { get; set; }
    public bool EndedEarly { get; set; }
}

/// <summary>One of the n answers of an arm.</summary>
public sealed class ReproductionGeneration
{
    public long Id { get; set; }
    public long TaskId { get; set; }
    public int ArmIndex { get; set; }

    /// <summary>From 0; unique within the arm, so that a repeated step is harmless.</summary>
    public int Index { get; set; }
    public ReplyStatus Status { get; set; }
    public string? Text { get; set; }
    public GenerationVerdict Verdict { get; set; }
    public double? Score { get; set; }

    /// <summary>Why the verdict is what it is, in the judge's words.</summary>
    public string? Explanation { get; set; }

    /// <summary>What the criterion's scorer said, as a JSON array of <see cref="GenerationScore"/>.</summary>
    public string? ScoresJson { get; set; }

    /// <summary>What the judge was asked and said, as a JSON <see cref="JudgeTrace"/>.</summary>
    public string? JudgeJson { get; set; }

    /// <summary>The tries, as a JSON array of <see cref="AttemptTrace"/>.</summary>
    public string? TraceJson { get; set; }

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

internal sealed class ReproductionConfiguration : IEntityTypeConfiguration<ReproductionTask>, IEntityTypeConfiguration<ReproductionArm>, IEntityTypeConfiguration<ReproductionGeneration>
{
    public void Configure(EntityTypeBuilder<ReproductionTask> builder)
    {
        builder.Property(t => t.BizCode).HasMaxLength(64);
        builder.Property(t => t.RobotId).HasMaxLength(64);
        builder.Property(t => t.CaseKey).HasMaxLength(40);
        builder.Property(t => t.SessionExternalId).HasMaxLength(128);
        builder.Property(t => t.MessageExternalId).HasMaxLength(128);
        builder.Property(t => t.BadAnswerPreview).HasMaxLength(Preview.MaxLength);
        builder.Property(t => t.QuestionPreview).HasMaxLength(Preview.MaxLength);
        builder.Property(t => t.StartedByName).HasMaxLength(256);
        builder.Property(t => t.FailureCode).HasMaxLength(64);
        builder.Property(t => t.Comment).HasMaxLength(ReproductionTask.MaxCommentLength);
        // Serves the list, newest first.
        builder.HasIndex(t => new { t.CreatedAt, t.Id });
        // Serves the list by what people filter most, and the sweep.
        builder.HasIndex(t => new { t.State, t.CreatedAt, t.Id });
        builder.HasIndex(t => new { t.Verdict, t.CreatedAt, t.Id });
        // Serves the history of a case.
        builder.HasIndex(t => new { t.CaseKey, t.Id });
        // Serves a check's rounds; a case is asked once in each.
        builder.HasIndex(t => new { t.CheckId, t.CheckRound, t.CaseKey }).IsUnique();
        builder.HasIndex(t => t.MessageId);
        builder.HasOne<Message>().WithMany().HasForeignKey(t => t.MessageId).OnDelete(DeleteBehavior.Restrict);
        builder.HasOne<Sample>().WithMany().HasForeignKey(t => t.SampleId).OnDelete(DeleteBehavior.Restrict);
        builder.HasOne<RegressionCheck>().WithMany().HasForeignKey(t => t.CheckId).OnDelete(DeleteBehavior.SetNull);
        builder.HasMany<ReproductionArm>().WithOne().HasForeignKey(a => a.TaskId);
        builder.HasMany<ReproductionGeneration>().WithOne().HasForeignKey(g => g.TaskId);
    }

    public void Configure(EntityTypeBuilder<ReproductionArm> builder)
    {
        builder.Property(a => a.TargetName).HasMaxLength(100);
        builder.HasIndex(a => new { a.TaskId, a.Index }).IsUnique();
        builder.HasOne<TargetVersion>().WithMany().HasForeignKey(a => a.TargetVersionId).OnDelete(DeleteBehavior.Restrict);
    }

    public void Configure(EntityTypeBuilder<ReproductionGeneration> builder)
    {
        builder.Property(g => g.Explanation).HasMaxLength(1000);
        builder.Property(g => g.JudgedByName).HasMaxLength(256);
        builder.Property(g => g.ResponseModel).HasMaxLength(128);
        builder.Property(g => g.ErrorType).HasMaxLength(100);
        builder.Property(g => g.ErrorDetail).HasMaxLength(2000);
        builder.HasIndex(g => new { g.TaskId, g.ArmIndex, g.Index }).IsUnique();
    }
}
