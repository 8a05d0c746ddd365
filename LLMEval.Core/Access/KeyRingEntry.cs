using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace LLMEval.Core.Access;

/// <summary>One data-protection key as XML, shared by all app nodes so that a cookie or a stored secret made by one is read by the others.</summary>
public sealed class KeyRingEntry
{
    public long Id { get; set; }
    public string FriendlyName { get; set; } = "";
    public string Xml { get; set; } = "";
}

internal sealed class KeyRingEntryConfiguration : IEntityTypeConfiguration<KeyRingEntry>
{
    public void Configure(EntityTypeBuilder<KeyRingEntry> builder) => builder.Property(e => e.FriendlyName).HasMaxLength(200);
}
