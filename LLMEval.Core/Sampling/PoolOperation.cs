using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace LLMEval.Core.Sampling;

public enum PoolWork
{
    AddTags,
    RemoveTags,

    /// <summary>A tag and all below it get another path.</summary>
    MoveTag,

    /// <summary>Out of the pool; sets and runs that hold them keep them.</summary>
    Remove,

    /// <summary>Bot messages become samples, and items of a set where one is named.</summary>
    TakeMessages,

    /// <summary>Samples become items of a set.</summary>
    AddToSet,

    /// <summary>The items of a set are cut again to its context length.</summary>
    CutAgain,
}

public enum PoolOperationState { Pending, Running, Completed, Failed, Cancelled, Undoing, Undone }

/// <summary>Something done to as many samples as a filter finds, in the background: it goes on after a restart where it stopped, and can be undone.</summary>
public sealed class PoolOperation
{
    public long Id { get; set; }
    public PoolWork Work { get; set; }
    public PoolOperationState State { get; set; }

    /// <summary>What it is about, as JSON of <see cref="PoolOperationRequest"/>.</summary>
    public string RequestJson { get; set; } = "{}";

    /// <summary>Those who may be touched: the business lines of the person who asked, as a JSON array; null for all.</summary>
    public string? BizCodesJson { get; set; }

    /// <summary>How many the filter found when it began; grows where it cannot be told beforehand.</summary>
    public int Total { get; set; }

    /// <summary>How many were looked at.</summary>
    public int Done { get; set; }

    /// <summary>How many it made different.</summary>
    public int Changed { get; set; }

    /// <summary>Where it goes on: the last id done, or a cursor of the list walked through.</summary>
    public string? Place { get; set; }

    /// <summary>The code of the refusal that ended it.</summary>
    public string? Failure { get; set; }
    public DateTime CreatedAt { get; set; }
    public DateTime? FinishedAt { get; set; }
    public long CreatedById { get; set; }
    public string CreatedByName { get; set; } = "";
}

/// <summary>One change that an operation made, so that it can be taken back.</summary>
public sealed class PoolChange
{
    public long Id { get; set; }
    public long OperationId { get; set; }
    public long SampleId { get; set; }

    /// <summary>The tag; null where the sample itself came or went.</summary>
    public string? Tag { get; set; }

    /// <summary>The item, where the sample was put into a set.</summary>
    public long? SetItemId { get; set; }

    /// <summary>True where it was added, false where it was taken away.</summary>
    public bool IsAdded { get; set; }
}

internal sealed class PoolOperationConfiguration : IEntityTypeConfiguration<PoolOperation>, IEntityTypeConfiguration<PoolChange>
{
    public void Configure(EntityTypeBuilder<PoolOperation> builder)
    {
        builder.Property(o => o.Failure).HasMaxLength(100);
        builder.Property(o => o.CreatedByName).HasMaxLength(256);
        builder.Property(o => o.Place).HasMaxLength(300);
        // Serves the worker: what is still to be done.
        builder.HasIndex(o => new { o.State, o.Id });
    }

    public void Configure(EntityTypeBuilder<PoolChange> builder)
    {
        builder.Property(c => c.Tag).HasMaxLength(Samples.SampleTag.MaxLength);
        builder.HasIndex(c => new { c.OperationId, c.Id });
        builder.HasOne<PoolOperation>().WithMany().HasForeignKey(c => c.OperationId);
    }
}
