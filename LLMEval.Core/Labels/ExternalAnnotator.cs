using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace LLMEval.Core.Labels;

/// <summary>Somebody without an account here whose labels were imported; their labels carry the id negated.</summary>
public sealed class ExternalAnnotator
{
    public const int MaxNameLength = 128;

    public long Id { get; set; }
    public string Name { get; set; } = "";
}

internal sealed class ExternalAnnotatorConfiguration : IEntityTypeConfiguration<ExternalAnnotator>
{
    public void Configure(EntityTypeBuilder<ExternalAnnotator> builder)
    {
        builder.Property(a => a.Name).HasMaxLength(ExternalAnnotator.MaxNameLength);
        builder.HasIndex(a => a.Name).IsUnique();
    }
}
