using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace LLMEval.Core.Samples;

/// <summary>A named subset of the pool at message granularity. Its items may change; a <see cref="SetVersion"/> never does.</summary>
public sealed class EvaluationSet
{
    public long Id { get; set; }
    public string Name { get; set; } = "";
    public string? Purpose { get; set; }
    public string? Description { get; set; }
    public int ContextLength { get; set; } = 10;
    public int ItemCount { get; set; }
    public long OwnerId { get; set; }
    public string OwnerName { get; set; } = "";
    public DateTime CreatedAt { get; set; }
    public DateTime UpdatedAt { get; set; }
    public DateTime? DeletedAt { get; set; }

    /// <summary>The saved query that its items come from, as JSON of <see cref="SampleFilter"/>; null where people put them in.</summary>
    public string? RuleJson { get; set; }

    /// <summary>How it was made, as JSON of <see cref="SetSource"/>; null where it began empty.</summary>
    public string? SourceJson { get; set; }
    public List<SetTag> Tags { get; } = [];
}

public sealed class SetTag
{
    public long SetId { get; set; }
    public string Name { get; set; } = "";
}

/// <summary>A business line that a set's items come from: a set is visible to those who may see all of them.</summary>
public sealed class SetScope
{
    public long SetId { get; set; }
    public string BizCode { get; set; } = "";
}

public sealed class SetItem
{
    public long Id { get; set; }
    public long SetId { get; set; }
    public long SampleId { get; set; }
    public int Position { get; set; }
    public DateTime AddedAt { get; set; }
    public string AddedByName { get; set; } = "";
}

/// <summary>What a set held at one moment, frozen by hand or by the run that used it.</summary>
public sealed class SetVersion
{
    public long Id { get; set; }
    public long SetId { get; set; }

    /// <summary>1, 2, 3… within the set.</summary>
    public int Number { get; set; }
    public int ItemCount { get; set; }

    /// <summary>Fingerprint of the samples in order; a set that did not change since is not frozen again.</summary>
    public string Fingerprint { get; set; } = "";
    public DateTime CreatedAt { get; set; }
    public string CreatedByName { get; set; } = "";
}

public sealed class SetVersionItem
{
    public long SetVersionId { get; set; }
    public int Position { get; set; }
    public long SampleId { get; set; }

    /// <summary>The item of the set that held the sample: the same item with another sample was changed. Negative where the item was gone before versions kept it.</summary>
    public long ItemId { get; set; }
}

internal sealed class EvaluationSetConfiguration : IEntityTypeConfiguration<EvaluationSet>, IEntityTypeConfiguration<SetScope>, IEntityTypeConfiguration<SetItem>,
    IEntityTypeConfiguration<SetVersion>, IEntityTypeConfiguration<SetVersionItem>, IEntityTypeConfiguration<SetTag>
{
    public void Configure(EntityTypeBuilder<EvaluationSet> builder)
    {
        builder.Property(s => s.Name).HasMaxLength(100);
        builder.Property(s => s.Purpose).HasMaxLength(200);
        builder.Property(s => s.OwnerName).HasMaxLength(256);
        builder.HasIndex(s => s.Name).IsUnique();
        // Serves the list of sets, newest change first.
        builder.HasIndex(s => new { s.UpdatedAt, s.Id });
    }

    public void Configure(EntityTypeBuilder<SetScope> builder)
    {
        builder.HasKey(s => new { s.SetId, s.BizCode });
        builder.Property(s => s.BizCode).HasMaxLength(64);
        builder.HasOne<EvaluationSet>().WithMany().HasForeignKey(s => s.SetId);
    }

    public void Configure(EntityTypeBuilder<SetItem> builder)
    {
        builder.Property(i => i.AddedByName).HasMaxLength(256);
        builder.HasIndex(i => new { i.SetId, i.SampleId }).IsUnique();
        // Serves the set's page in its own order.
        builder.HasIndex(i => new { i.SetId, i.Position, i.Id });
        builder.HasOne<EvaluationSet>().WithMany().HasForeignKey(i => i.SetId);
        builder.HasOne<Sample>().WithMany().HasForeignKey(i => i.SampleId).OnDelete(DeleteBehavior.Restrict);
    }

    public void Configure(EntityTypeBuilder<SetVersion> builder)
    {
        builder.Property(v => v.Fingerprint).HasMaxLength(Common.Fingerprint.Length);
        builder.Property(v => v.CreatedByName).HasMaxLength(256);
        builder.HasIndex(v => new { v.SetId, v.Number }).IsUnique();
        builder.HasOne<EvaluationSet>().WithMany().HasForeignKey(v => v.SetId).OnDelete(DeleteBehavior.Restrict);
    }

    public void Configure(EntityTypeBuilder<SetVersionItem> builder)
    {
        builder.HasKey(i => new { i.SetVersionId, i.Position });
        // Serves the differences between two versions.
        builder.HasIndex(i => new { i.SetVersionId, i.ItemId });
        builder.HasOne<SetVersion>().WithMany().HasForeignKey(i => i.SetVersionId);
        builder.HasOne<Sample>().WithMany().HasForeignKey(i => i.SampleId).OnDelete(DeleteBehavior.Restrict);
    }

    public void Configure(EntityTypeBuilder<SetTag> builder)
    {
        builder.HasKey(t => new { t.SetId, t.Name });
        builder.Property(t => t.Name).HasMaxLength(SampleTag.MaxLength);
        builder.HasIndex(t => new { t.Name, t.SetId });
        builder.HasOne<EvaluationSet>().WithMany(s => s.Tags).HasForeignKey(t => t.SetId);
    }
}
