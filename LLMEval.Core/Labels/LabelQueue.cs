using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace LLMEval.Core.Labels;

/// <summary>By what rule a queue's messages are taken from those that its filter finds.</summary>
public enum QueueRule { Random, ByBot, ByTag, UncertainFirst, NewestFirst }

/// <summary>How verdicts of messages that nobody settled are made of a queue's labels.</summary>
public enum QueueConsensus { Majority, DawidSkene }

/// <summary>Messages to be labelled, each by <see cref="Overlap"/> people.</summary>
public sealed class LabelQueue
{
    public const int MaxNameLength = 100;

    public long Id { get; set; }
    public string Name { get; set; } = "";

    /// <summary>Shown beside every message, as Markdown-free text.</summary>
    public string? Instructions { get; set; }
    public QueueRule Rule { get; set; }
    public QueueConsensus Consensus { get; set; }

    /// <summary>Begins the draw; the same seed on the same messages draws the same.</summary>
    public int Seed { get; set; }
    public int ItemCount { get; set; }

    /// <summary>How many people label each message.</summary>
    public int Overlap { get; set; }

    /// <summary>True when others' labels stay hidden until one's own is given.</summary>
    public bool IsBlind { get; set; }

    /// <summary>What was drawn from, as the form said it: an address of this app.</summary>
    public string? Origin { get; set; }
    public bool IsClosed { get; set; }
    public DateTime CreatedAt { get; set; }
    public long CreatedById { get; set; }
    public string CreatedByName { get; set; } = "";
    public List<QueueAssignee> Assignees { get; } = [];
    public List<QueueScope> Scopes { get; } = [];
}

/// <summary>Somebody who may label in the queue; a queue without any is open to everybody who may label.</summary>
public sealed class QueueAssignee
{
    public long QueueId { get; set; }
    public long UserId { get; set; }
    public string UserName { get; set; } = "";
}

/// <summary>A business line that messages of the queue belong to.</summary>
public sealed class QueueScope
{
    public long QueueId { get; set; }
    public string BizCode { get; set; } = "";
}

/// <summary>One message of a queue.</summary>
public sealed class QueueItem
{
    public long Id { get; set; }
    public long QueueId { get; set; }
    public long MessageId { get; set; }
    public string BizCode { get; set; } = "";
    public int Position { get; set; }

    /// <summary>Of which group it was drawn, or why it comes first; null where the rule has no groups.</summary>
    public string? Stratum { get; set; }
}

public enum SlotState { Open, Reserved, Done }

/// <summary>One label that a queue waits for: a message and one of the people who are to label it.</summary>
public sealed class QueueSlot
{
    public long Id { get; set; }
    public long QueueId { get; set; }
    public long ItemId { get; set; }
    public long MessageId { get; set; }
    public string BizCode { get; set; } = "";

    /// <summary>The item's position × overlap + the number of the label: the order in which slots are given out.</summary>
    public long Place { get; set; }
    public SlotState State { get; set; }

    /// <summary>Who has it or filled it; null while open.</summary>
    public long? AnnotatorId { get; set; }
    public string? AnnotatorName { get; set; }

    /// <summary>After that somebody else may take it.</summary>
    public DateTime? ReservedUntil { get; set; }
    public DateTime? DoneAt { get; set; }

    /// <summary>How long the person had it on the screen.</summary>
    public int? SpentMs { get; set; }
}

/// <summary>A person passed over an item; the slot went back to the others.</summary>
public sealed class QueueSkip
{
    public long ItemId { get; set; }
    public long AnnotatorId { get; set; }
    public long QueueId { get; set; }
    public string AnnotatorName { get; set; } = "";
    public string? Reason { get; set; }
    public DateTime At { get; set; }
}

internal sealed class LabelQueueConfiguration :
    IEntityTypeConfiguration<LabelQueue>, IEntityTypeConfiguration<QueueAssignee>, IEntityTypeConfiguration<QueueScope>, IEntityTypeConfiguration<QueueItem>, IEntityTypeConfiguration<QueueSlot>, IEntityTypeConfiguration<QueueSkip>
{
    public void Configure(EntityTypeBuilder<LabelQueue> builder)
    {
        builder.Property(q => q.Name).HasMaxLength(LabelQueue.MaxNameLength);
        builder.Property(q => q.CreatedByName).HasMaxLength(256);
        builder.Property(q => q.Origin).HasMaxLength(4000);
        builder.HasIndex(q => q.Name).IsUnique();
        // Serves the list, open ones first.
        builder.HasIndex(q => new { q.IsClosed, q.Id });
        builder.HasMany(q => q.Assignees).WithOne().HasForeignKey(a => a.QueueId);
        builder.HasMany(q => q.Scopes).WithOne().HasForeignKey(s => s.QueueId);
        builder.HasMany<QueueItem>().WithOne().HasForeignKey(i => i.QueueId);
    }

    public void Configure(EntityTypeBuilder<QueueAssignee> builder)
    {
        builder.HasKey(a => new { a.QueueId, a.UserId });
        builder.Property(a => a.UserName).HasMaxLength(256);
    }

    public void Configure(EntityTypeBuilder<QueueScope> builder)
    {
        builder.HasKey(s => new { s.QueueId, s.BizCode });
        builder.Property(s => s.BizCode).HasMaxLength(64);
    }

    public void Configure(EntityTypeBuilder<QueueItem> builder)
    {
        builder.Property(i => i.BizCode).HasMaxLength(64);
        builder.Property(i => i.Stratum).HasMaxLength(200);
        builder.HasIndex(i => new { i.QueueId, i.MessageId }).IsUnique();
        builder.HasMany<QueueSlot>().WithOne().HasForeignKey(s => s.ItemId);
    }

    public void Configure(EntityTypeBuilder<QueueSlot> builder)
    {
        builder.Property(s => s.BizCode).HasMaxLength(64);
        builder.Property(s => s.AnnotatorName).HasMaxLength(256);
        // Nobody labels one message of a queue twice; open slots have nobody, and databases let nobody stand many times.
        builder.HasIndex(s => new { s.ItemId, s.AnnotatorId }).IsUnique();
        // Serves the next open slot and the progress.
        builder.HasIndex(s => new { s.QueueId, s.State, s.Place });
        // Serves what a person holds, and how far they have come.
        builder.HasIndex(s => new { s.QueueId, s.AnnotatorId, s.State, s.Place });
        // Serves a retracted label, whose slot opens again.
        builder.HasIndex(s => new { s.MessageId, s.AnnotatorId });
    }

    public void Configure(EntityTypeBuilder<QueueSkip> builder)
    {
        builder.HasKey(s => new { s.ItemId, s.AnnotatorId });
        builder.Property(s => s.AnnotatorName).HasMaxLength(256);
        builder.Property(s => s.Reason).HasMaxLength(500);
        builder.HasIndex(s => s.QueueId);
        builder.HasOne<QueueItem>().WithMany().HasForeignKey(s => s.ItemId);
    }
}
