using LLMEval.Core.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace LLMEval.Core.Samples;

/// <summary>Where a sample came from.</summary>
public enum SampleOrigin { Message, File, Typed }

/// <summary>A bot turn frozen with its context and the memory known at that time, or a question that nobody answered yet. Its content never changes after it was made: results point at it.</summary>
public sealed class Sample : IBelongsToBiz
{
    public long Id { get; set; }

    /// <summary>Empty where it belongs to no business line, as typed questions do: everybody who may see sets sees it.</summary>
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
    public string CreatedByName { get; set; } = "";
    public SampleOrigin Origin { get; set; }

    /// <summary>The file and line it was read from.</summary>
    public string? OriginName { get; set; }

    /// <summary>How the file or the API called it.</summary>
    public string? ExternalId { get; set; }

    /// <summary>True where <see cref="InputJson"/> is a script: its user messages are asked one after the other.</summary>
    public bool IsScript { get; set; }

    /// <summary>What the source said beyond all this, as a JSON object.</summary>
    public string? MetadataJson { get; set; }

    /// <summary>A code of <see cref="Languages"/>.</summary>
    public string Language { get; set; } = "";

    /// <summary>Characters (code points) of the question: the last user message, or all of them of a script.</summary>
    public int QuestionLength { get; set; }

    /// <summary>False until the near duplicates of it were looked for.</summary>
    public bool IsCompared { get; set; }

    /// <summary>The first sample that says nearly the same; null where it is the first.</summary>
    public long? DuplicateOfId { get; set; }

    /// <summary>How much of it, 0 to 1: Jaccard similarity of character pairs.</summary>
    public double? Similarity { get; set; }

    /// <summary>When it was taken out of the pool. What was made with it keeps it.</summary>
    public DateTime? RemovedAt { get; set; }
}

/// <summary>One of the keys by which samples that say nearly the same are found.</summary>
public sealed class SampleBand
{
    public long Hash { get; set; }
    public long SampleId { get; set; }
}

/// <summary>One message of a sample's context. <paramref name="Role"/> is user, assistant, system or tool.</summary>
public sealed record SampleMessage(string Role, string Content, string? MsgId = null, DateTime? SentAt = null);

public sealed record SampleMemory(string? MemoryId, string Content, DateTime? CreatedAt);

/// <summary>A tag is a path in a tree, levels separated by a slash: <c>topic/sleep</c>.</summary>
public sealed class SampleTag
{
    public const int MaxLength = 128;

    public long SampleId { get; set; }
    public string Name { get; set; } = "";
}

internal sealed class SampleConfiguration : IEntityTypeConfiguration<Sample>, IEntityTypeConfiguration<SampleTag>, IEntityTypeConfiguration<SampleBand>
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
        builder.Property(s => s.CreatedByName).HasMaxLength(256);
        builder.Property(s => s.OriginName).HasMaxLength(300);
        builder.Property(s => s.ExternalId).HasMaxLength(128);
        builder.Property(s => s.Language).HasMaxLength(8);
        // Serves the pool by bot.
        builder.HasIndex(s => new { s.RobotId, s.Id });
        // Serves those still to be compared, and the duplicates of one.
        builder.HasIndex(s => new { s.IsCompared, s.Id });
        builder.HasIndex(s => s.DuplicateOfId);
        builder.HasMany<SampleTag>().WithOne().HasForeignKey(t => t.SampleId);
    }

    public void Configure(EntityTypeBuilder<SampleTag> builder)
    {
        builder.HasKey(t => new { t.SampleId, t.Name });
        builder.Property(t => t.Name).HasMaxLength(SampleTag.MaxLength);
        builder.HasIndex(t => new { t.Name, t.SampleId });
    }

    public void Configure(EntityTypeBuilder<SampleBand> builder)
    {
        builder.HasKey(b => new { b.Hash, b.SampleId });
        builder.HasOne<Sample>().WithMany().HasForeignKey(b => b.SampleId);
    }
}
