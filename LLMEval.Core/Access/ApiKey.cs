using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace LLMEval.Core.Access;

/// <summary>A key for the HTTP API. Only the SHA-256 of the secret is kept; the secret is shown once, when the key is made.</summary>
public sealed class ApiKey
{
    public long Id { get; set; }
    public string Name { get; set; } = "";

    /// <summary>First characters of the secret, so that a person can tell keys apart.</summary>
    public string Prefix { get; set; } = "";
    public string SecretHash { get; set; } = "";

    /// <summary>Permissions, separated by blanks.</summary>
    public string Scopes { get; set; } = "";

    /// <summary>Business lines, separated by blanks; empty means all.</summary>
    public string BizCodes { get; set; } = "";
    public DateTime CreatedAt { get; set; }
    public DateTime? ExpiresAt { get; set; }
    public DateTime? RevokedAt { get; set; }
    public DateTime? LastUsedAt { get; set; }
    public long CreatedById { get; set; }
}

internal sealed class ApiKeyConfiguration : IEntityTypeConfiguration<ApiKey>
{
    public void Configure(EntityTypeBuilder<ApiKey> builder)
    {
        builder.Property(k => k.Name).HasMaxLength(100);
        builder.Property(k => k.Prefix).HasMaxLength(16);
        builder.Property(k => k.SecretHash).HasMaxLength(64);
        builder.Property(k => k.Scopes).HasMaxLength(1000);
        builder.Property(k => k.BizCodes).HasMaxLength(1000);
        // Serves the look-up of a presented key.
        builder.HasIndex(k => k.SecretHash).IsUnique();
        builder.HasIndex(k => k.Name).IsUnique();
    }
}
