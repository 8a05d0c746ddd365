using LLMEval.Core.Common;
using LLMEval.Core.Labels;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace LLMEval.Core.Sessions;

public enum SenderType { User, Bot, System, Tool }

/// <summary>One utterance. Business line, bot and user repeat those of the session, so that a search over messages needs no join.</summary>
public sealed class Message : IBelongsToBiz
{
    public long Id { get; set; }
    public long SessionId { get; set; }

    /// <summary>Position in the session, from 0, in the order of the source.</summary>
    public int Ordinal { get; set; }

    /// <summary>The <c>msg_id</c> of the source, unique within the session.</summary>
    public string ExternalId { get; set; } = "";
    public string BizCode { get; set; } = "";
    public string RobotId { get; set; } = "";
    public string UserId { get; set; } = "";
    public SenderType SenderType { get; set; }
    public string Content { get; set; } = "";

    /// <summary>The content's first <see cref="Common.Preview.MaxLength"/> characters; lists read only this.</summary>
    public string Preview { get; set; } = "";
    public DateTime SentAt { get; set; }

    /// <summary>True when the source gave no time and one was put in its place.</summary>
    public bool IsTimeInferred { get; set; }
    public DateTime UpdatedAt { get; set; }
    public string ContentHash { get; set; } = "";

    /// <summary>Fields of the source that LLMEval has no column for, as a JSON object.</summary>
    public string? ExtraJson { get; set; }
}

/// <summary>How a bot message was made, as production recorded it.</summary>
public sealed class Generation
{
    public long MessageId { get; set; }
    public string? Model { get; set; }
    public string? PromptVersion { get; set; }

    /// <summary>The request's parameters as a JSON object.</summary>
    public string? ParametersJson { get; set; }

    /// <summary>Ids of the memory points given to the bot, as a JSON array of strings.</summary>
    public string? MemoryIdsJson { get; set; }
    public int? LatencyMs { get; set; }
    public int? InputTokens { get; set; }
    public int? OutputTokens { get; set; }
    public string? RequestJson { get; set; }

    /// <summary>ReAct steps and tool calls as a JSON array.</summary>
    public string? TraceJson { get; set; }
}

/// <summary>A fact that the bot kept about the user, as the session's source listed it.</summary>
public sealed class MemoryPoint
{
    public long Id { get; set; }
    public long SessionId { get; set; }

    /// <summary>The <c>memory_id</c> of the source, unique within the session.</summary>
    public string ExternalId { get; set; } = "";
    public string Content { get; set; } = "";

    /// <summary>When the bot learned it; null when the source does not say, and then it counts as always known.</summary>
    public DateTime? CreatedAt { get; set; }

    /// <summary>When the bot last changed it, as the source says.</summary>
    public DateTime? ChangedAt { get; set; }
    public int Ordinal { get; set; }

    /// <summary>Fields of the source that LLMEval has no column for, as a JSON object.</summary>
    public string? ExtraJson { get; set; }
}

internal sealed class MessageConfiguration : IEntityTypeConfiguration<Message>, IEntityTypeConfiguration<Generation>, IEntityTypeConfiguration<MemoryPoint>
{
    public void Configure(EntityTypeBuilder<Message> builder)
    {
        builder.Property(m => m.ExternalId).HasMaxLength(128);
        builder.Property(m => m.BizCode).HasMaxLength(64);
        builder.Property(m => m.RobotId).HasMaxLength(64);
        builder.Property(m => m.UserId).HasMaxLength(64);
        builder.Property(m => m.Preview).HasMaxLength(Common.Preview.MaxLength);
        builder.Property(m => m.ContentHash).HasMaxLength(Fingerprint.Length);
        // Identity of an imported message.
        builder.HasIndex(m => new { m.SessionId, m.ExternalId }).IsUnique();
        // Serves the transcript, in both directions.
        builder.HasIndex(m => new { m.SessionId, m.Ordinal });
        // Serves the newest messages of all bots and of one bot.
        builder.HasIndex(m => new { m.SentAt, m.Id });
        builder.HasIndex(m => new { m.RobotId, m.SentAt, m.Id });
        builder.HasOne<Generation>().WithOne().HasForeignKey<Generation>(g => g.MessageId);
        builder.HasMany<Label>().WithOne().HasForeignKey(l => l.MessageId);
        builder.HasOne<MessageVerdict>().WithOne().HasForeignKey<MessageVerdict>(v => v.MessageId);
        builder.HasMany<QueueItem>().WithOne().HasForeignKey(i => i.MessageId);
    }

    public void Configure(EntityTypeBuilder<Generation> builder)
    {
        builder.HasKey(g => g.MessageId);
        builder.Property(g => g.MessageId).ValueGeneratedNever();
        builder.Property(g => g.Model).HasMaxLength(128);
        builder.Property(g => g.PromptVersion).HasMaxLength(64);
    }

    public void Configure(EntityTypeBuilder<MemoryPoint> builder)
    {
        builder.Property(m => m.ExternalId).HasMaxLength(128);
        builder.HasIndex(m => new { m.SessionId, m.ExternalId }).IsUnique();
    }
}
