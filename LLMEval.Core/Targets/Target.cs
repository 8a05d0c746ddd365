using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace LLMEval.Core.Targets;

/// <summary>How a target is reached.</summary>
public enum Connector { OpenAI, Recorded, Retrieval }

/// <summary>Which memory points a regenerated answer is given.</summary>
public enum MemoryPolicy { AsKnown, None }

/// <summary>Something that answers. What exactly is asked of it is fixed by its versions.</summary>
public sealed class Target
{
    public long Id { get; set; }
    public string Name { get; set; } = "";
    public string? Description { get; set; }
    public Connector Connector { get; set; }
    public DateTime CreatedAt { get; set; }
    public string CreatedByName { get; set; } = "";
}

/// <summary>An immutable description of one way to ask a target.</summary>
public sealed class TargetVersion
{
    public long Id { get; set; }
    public long TargetId { get; set; }

    /// <summary>1, 2, 3… within the target; written <c>name@number</c>.</summary>
    public int Number { get; set; }
    public string? Note { get; set; }

    /// <summary>Base address of an OpenAI-compatible API; one that begins with a slash is this server's own.</summary>
    public string? Endpoint { get; set; }
    public string? Model { get; set; }

    /// <summary>The API key, encrypted with the installation's key ring; never read back by a person.</summary>
    public string? SecretCipher { get; set; }
    public string? SystemPrompt { get; set; }

    /// <summary>temperature, top_p, max_tokens, seed and others as a JSON object.</summary>
    public string ParametersJson { get; set; } = "{}";
    public MemoryPolicy MemoryPolicy { get; set; }

    /// <summary>How many messages of context are sent at most; null sends all that the sample has.</summary>
    public int? ContextLength { get; set; }
    public int MaxParallel { get; set; } = 4;
    public int TimeoutSeconds { get; set; } = 120;
    public string Fingerprint { get; set; } = "";
    public DateTime CreatedAt { get; set; }
    public string CreatedByName { get; set; } = "";
}

internal sealed class TargetConfiguration : IEntityTypeConfiguration<Target>, IEntityTypeConfiguration<TargetVersion>
{
    public void Configure(EntityTypeBuilder<Target> builder)
    {
        builder.Property(t => t.Name).HasMaxLength(100);
        builder.Property(t => t.Description).HasMaxLength(500);
        builder.Property(t => t.CreatedByName).HasMaxLength(256);
        builder.HasIndex(t => t.Name).IsUnique();
    }

    public void Configure(EntityTypeBuilder<TargetVersion> builder)
    {
        builder.Property(v => v.Note).HasMaxLength(200);
        builder.Property(v => v.Endpoint).HasMaxLength(500);
        builder.Property(v => v.Model).HasMaxLength(128);
        builder.Property(v => v.Fingerprint).HasMaxLength(Common.Fingerprint.Length);
        builder.Property(v => v.CreatedByName).HasMaxLength(256);
        builder.HasIndex(v => new { v.TargetId, v.Number }).IsUnique();
        builder.HasOne<Target>().WithMany().HasForeignKey(v => v.TargetId).OnDelete(DeleteBehavior.Restrict);
    }
}
