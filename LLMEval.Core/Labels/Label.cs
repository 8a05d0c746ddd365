using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace LLMEval.Core.Labels;

public enum Verdict { Good, Bad }

/// <summary>One person's judgement of one bot message; each annotator keeps their own.</summary>
public sealed class Label
{
    public long Id { get; set; }
    public long MessageId { get; set; }

    /// <summary>The message's session, repeated here so that a grid counts labels per session from one index.</summary>
    public long SessionId { get; set; }

    /// <summary>Account id; 0 where the demo corpus or the command line judged, negative for an <see cref="ExternalAnnotator"/>.</summary>
    public long AnnotatorId { get; set; }
    public string AnnotatorName { get; set; } = "";
    public Verdict Verdict { get; set; }
    public string? GroundTruth { get; set; }

    /// <summary>The answer that was judged, as the annotator left it; prefilled with the bot's message.</summary>
    public string? Prediction { get; set; }

    /// <summary>Within <see cref="Scale"/>.</summary>
    public double? Score { get; set; }

    /// <summary>The scale when the score was given; a later change of the business line's scale does not change what was meant.</summary>
    public ScoreScale Scale { get; set; } = ScoreScale.ZeroToTen;
    public string? Comment { get; set; }
    public DateTime CreatedAt { get; set; }
    public DateTime UpdatedAt { get; set; }

    /// <summary>Grows with every change; a change made on an older one is refused.</summary>
    public int Version { get; set; } = 1;
    public List<LabelTag> Tags { get; } = [];
}

public sealed class LabelTag
{
    public long LabelId { get; set; }
    public string Name { get; set; } = "";
}

/// <summary>What a label was before and after one change.</summary>
public sealed class LabelRevision
{
    public long Id { get; set; }
    public long MessageId { get; set; }
    public long AnnotatorId { get; set; }
    public string ActorName { get; set; } = "";
    public DateTime At { get; set; }
    public string? BeforeJson { get; set; }
    public string? AfterJson { get; set; }

    /// <summary>True when it took a change back; <see cref="IsUndone"/> when it was taken back itself.</summary>
    public bool IsUndo { get; set; }
    public bool IsUndone { get; set; }
}

internal sealed class LabelConfiguration : IEntityTypeConfiguration<Label>, IEntityTypeConfiguration<LabelTag>, IEntityTypeConfiguration<LabelRevision>
{
    public void Configure(EntityTypeBuilder<Label> builder)
    {
        builder.Property(l => l.AnnotatorName).HasMaxLength(256);
        builder.Property(l => l.Version).IsConcurrencyToken();
        builder.HasMany(l => l.Tags).WithOne().HasForeignKey(t => t.LabelId);
        // One label per person and message; also serves the labels under a message.
        builder.HasIndex(l => new { l.MessageId, l.AnnotatorId }).IsUnique();
        // Serves the good and bad counts of a page of sessions.
        builder.HasIndex(l => new { l.SessionId, l.Verdict });
        // Serves the newest labels of a verdict.
        builder.HasIndex(l => new { l.Verdict, l.UpdatedAt, l.Id });
    }

    public void Configure(EntityTypeBuilder<LabelTag> builder)
    {
        builder.HasKey(t => new { t.LabelId, t.Name });
        builder.Property(t => t.Name).HasMaxLength(64);
    }

    public void Configure(EntityTypeBuilder<LabelRevision> builder)
    {
        builder.Property(r => r.ActorName).HasMaxLength(256);
        // Serves the history of a message's labels.
        builder.HasIndex(r => new { r.MessageId, r.At });
    }
}
