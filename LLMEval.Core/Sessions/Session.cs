using LLMEval.Core.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace LLMEval.Core.Sessions;

/// <summary>One recorded conversation of one user with one bot.</summary>
public sealed class Session : IBelongsToBiz
{
    public long Id { get; set; }
    public string BizCode { get; set; } = "";

    /// <summary>The <c>session_id</c> of the source, unique within <see cref="BizCode"/>.</summary>
    public string ExternalId { get; set; } = "";
    public string RobotId { get; set; } = "";
    public string UserId { get; set; } = "";
    public string? RobotName { get; set; }
    public string? Language { get; set; }
    public string? SystemPrompt { get; set; }

    /// <summary>Time of the first message, or what the source says.</summary>
    public DateTime StartedAt { get; set; }
    public DateTime LastMessageAt { get; set; }

    /// <summary>When LLMEval last stored a change of this session.</summary>
    public DateTime UpdatedAt { get; set; }
    public int MessageCount { get; set; }
    public int BotMessageCount { get; set; }
    public int MemoryCount { get; set; }

    /// <summary>Fingerprint of everything imported, so that an unchanged line costs one comparison.</summary>
    public string ContentHash { get; set; } = "";

    /// <summary>Fields of the source that LLMEval has no column for, as a JSON object.</summary>
    public string? ExtraJson { get; set; }
}

public sealed class SessionTag
{
    public const int MaxLength = 64;

    public long SessionId { get; set; }
    public string Name { get; set; } = "";

    /// <summary>True when a person gave it here; the tags of the source come and go with its imports.</summary>
    public bool IsGivenHere { get; set; }
}

internal sealed class SessionConfiguration : IEntityTypeConfiguration<Session>, IEntityTypeConfiguration<SessionTag>
{
    public void Configure(EntityTypeBuilder<Session> builder)
    {
        builder.Property(s => s.BizCode).HasMaxLength(64);
        builder.Property(s => s.ExternalId).HasMaxLength(128);
        builder.Property(s => s.RobotId).HasMaxLength(64);
        builder.Property(s => s.UserId).HasMaxLength(64);
        builder.Property(s => s.RobotName).HasMaxLength(100);
        builder.Property(s => s.Language).HasMaxLength(16);
        builder.Property(s => s.ContentHash).HasMaxLength(Fingerprint.Length);
        // Identity of an imported session.
        builder.HasIndex(s => new { s.BizCode, s.ExternalId }).IsUnique();
        // Serve the grid: newest first by each time column, and within one bot or one user:bot pair.
        builder.HasIndex(s => new { s.StartedAt, s.Id });
        builder.HasIndex(s => new { s.LastMessageAt, s.Id });
        builder.HasIndex(s => new { s.UpdatedAt, s.Id });
        builder.HasIndex(s => new { s.RobotId, s.StartedAt, s.Id });
        builder.HasIndex(s => new { s.RobotId, s.LastMessageAt, s.Id });
        builder.HasIndex(s => new { s.UserId, s.RobotId, s.StartedAt, s.Id });
        builder.HasIndex(s => new { s.BizCode, s.StartedAt, s.Id });
        builder.HasIndex(s => new { s.MessageCount, s.Id });
        // Tells how many sessions have memory, and lists them where they are few.
        builder.HasIndex(s => new { s.MemoryCount, s.Id });
        builder.HasMany<SessionTag>().WithOne().HasForeignKey(t => t.SessionId);
        builder.HasMany<Message>().WithOne().HasForeignKey(m => m.SessionId);
        builder.HasMany<MemoryPoint>().WithOne().HasForeignKey(m => m.SessionId);
    }

    public void Configure(EntityTypeBuilder<SessionTag> builder)
    {
        builder.HasKey(t => new { t.SessionId, t.Name });
        builder.Property(t => t.Name).HasMaxLength(SessionTag.MaxLength);
        // Serves the filter by tag.
        builder.HasIndex(t => new { t.Name, t.SessionId });
    }
}
