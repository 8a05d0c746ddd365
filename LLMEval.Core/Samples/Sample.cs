using LLMEval.Core.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace LLMEval.Core.Samples;

/// <summary>A bot turn frozen with its context and the memory known at that time. Never changed after it was made: results point at it.</summary>
public sealed class Sample : IBelongsToBiz
{
    public long Id { get; set; }
    public string BizCode { get; set; } = "";
    public string RobotId { get; set; } = "";
    public string UserId { get; set; } = "";

    /// <summary>Fingerprint of input, memory, recorded answer and references: the same turn taken twice is one sample.</summary>
    public string Fingerprint { get; set; } = "";

    /// <summary>The context, oldest first, as a JSON array of <see cref="SampleMessage"/>.</summary>
    public string InputJson { get; set; } = "[]";

    /// <summary>The last user message's beginning, for lists.</summary>
    public string InputPreview { get; set; } = "";
    public string? SystemPrompt { get; set; }

    /// <summary>Memory points known when the answer was given, as a JSON array of <see cref="SampleMemory"/>.</summary>
    public string MemoryJson { get; set; } = "[]";
    public string? RecordedAnswer { get; set; }
    public string AnswerPreview { get; set; } = "";
    public string? RecordedModel { get; set; }
    public string? RecordedPromptVersion { get; set; }
    public string? RecordedParametersJson { get; set; }
    public int? RecordedLatencyMs { get; set; }

    /// <summary>Reference answers as a JSON array of strings.</summary>
    public string ReferencesJson { get; set; } = "[]";
    public int ReferenceCount { get; set; }
    public string? ExpectedBehaviour { get; set; }

    /// <summary>How many messages of context were asked for; fewer where the session began later.</summary>
    public int ContextLength { get; set; }

    /// <summary>The independent unit for statistics: the user's conversation it was taken from.</summary>
    public string ClusterKey { get; set; } = "";
    public long? MessageId { get; set; }
    public DateTime? AnsweredAt { get; set; }
    public DateTime CreatedAt { get; set; }
    public long CreatedById { get; set; }
}

/// <summary>One message of a sample's context. <paramref name="Role"/> is user, assistant, system or tool.</summary>
public sealed record SampleMessage(string Role, string Content, string? MsgId = null, DateTime? SentAt = null);

public sealed record SampleMemory(string? MemoryId, string Content, DateTime? CreatedAt);

public sealed class SampleTag
{
    public long SampleId { get; set; }
    public string Name { get; set; } = "";
}

internal sealed class SampleConfiguration : IEntityTypeConfiguration<Sample>, IEntityTypeConfiguration<SampleTag>
{
    public void Configure(EntityTypeBuilder<Sample> builder)
    {
        builder.Property(s => s.BizCode).HasMaxLength(64);
        builder.Property(s => s.RobotId).HasMaxLength(64);
        builder.Property(s => s.UserId).HasMaxLength(64);
        builder.Property(s => s.Fingerprint).HasMaxLength(Common.Fingerprint.Length);
        builder.Property(s => s.InputPreview).HasMaxLength(Preview.MaxLength);
        builder.Property(s => s.AnswerPreview).HasMaxLength(Preview.MaxLength);
        builder.Property(s => s.RecordedModel).HasMaxLength(128);
        builder.Property(s => s.RecordedPromptVersion).HasMaxLength(64);
        builder.Property(s => s.ClusterKey).HasMaxLength(260);
        // Finds the same turn taken before.
        builder.HasIndex(s => s.Fingerprint).IsUnique();
        // Serves the samples made of a message.
        builder.HasIndex(s => s.MessageId);
        builder.HasMany<SampleTag>().WithOne().HasForeignKey(t => t.SampleId);
    }

    public void Configure(EntityTypeBuilder<SampleTag> builder)
    {
        builder.HasKey(t => new { t.SampleId, t.Name });
        builder.Property(t => t.Name).HasMaxLength(64);
        builder.HasIndex(t => new { t.Name, t.SampleId });
    }
}
