using LLMEval.Core.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace LLMEval.Core.Labels;

/// <summary>How a message's verdict came about. <see cref="Model"/>: Dawid and Skene's, from everybody's labels of a queue.</summary>
public enum VerdictSource { Majority, Settled, Model }

/// <summary>
/// What counts of a message that several people may have labelled: what an adjudicator settled, else the majority (none when it is a tie), else, where a queue asks for it, the model's.
/// One row for each labelled message, kept in the transaction of the label; it is also the lock that lets two labels of one message go one after the other.
/// </summary>
public sealed class MessageVerdict : IBelongsToBiz
{
    public long MessageId { get; set; }
    public long SessionId { get; set; }
    public string BizCode { get; set; } = "";
    public int GoodCount { get; set; }
    public int BadCount { get; set; }

    /// <summary>Null on a tie that nobody has settled.</summary>
    public Verdict? Verdict { get; set; }
    public VerdictSource Source { get; set; }

    /// <summary>The model's posterior probability of its verdict, 0 to 1.</summary>
    public double? Confidence { get; set; }

    /// <summary>People say both, and nobody has settled it.</summary>
    public bool IsDisputed { get; set; }

    /// <summary>When a label or the settlement changed last.</summary>
    public DateTime ChangedAt { get; set; }
    public double? SettledScore { get; set; }
    public ScoreScale? SettledScale { get; set; }
    public string? SettledGroundTruth { get; set; }
    public SettlementReason? Reason { get; set; }
    public string? SettledComment { get; set; }
    public long? SettledById { get; set; }
    public string? SettledByName { get; set; }
    public DateTime? SettledAt { get; set; }

    /// <summary>Grows with every settlement; one made on an older is refused.</summary>
    public int SettledVersion { get; set; }
}

/// <summary>Why people had disagreed; many of one kind say what to mend.</summary>
public enum SettlementReason { Mistake, Ambiguous, GuidelineGap, Taste, MissingContext, Other }

internal sealed class MessageVerdictConfiguration : IEntityTypeConfiguration<MessageVerdict>
{
    public void Configure(EntityTypeBuilder<MessageVerdict> builder)
    {
        builder.HasKey(v => v.MessageId);
        builder.Property(v => v.MessageId).ValueGeneratedNever();
        builder.Property(v => v.BizCode).HasMaxLength(64);
        builder.Property(v => v.SettledByName).HasMaxLength(256);
        // Serves the list of disputed messages, newest first.
        builder.HasIndex(v => new { v.IsDisputed, v.ChangedAt, v.MessageId });
        // Serves the list of settled ones.
        builder.HasIndex(v => new { v.SettledAt, v.MessageId });
        // Serve the filters by verdict, of messages and of sessions.
        builder.HasIndex(v => new { v.Verdict, v.SessionId });
        builder.HasIndex(v => new { v.SessionId, v.Verdict, v.IsDisputed });
    }
}
