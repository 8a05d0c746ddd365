using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace LLMEval.Core.Access;

/// <summary>An account of LLMEval; the people who chatted are <c>UserId</c> strings on sessions.</summary>
public sealed class User : IdentityUser<long>
{
    public string DisplayName { get; set; } = "";
    public bool IsDisabled { get; set; }

    /// <summary>True when the account may see only the business lines listed in <see cref="Scopes"/>.</summary>
    public bool IsScoped { get; set; }
    public DateTime CreatedAt { get; set; }
    public List<UserScope> Scopes { get; } = [];
}

public sealed class Role : IdentityRole<long>
{
    public List<RolePermission> Permissions { get; } = [];
}

public sealed class UserScope
{
    public long UserId { get; set; }
    public string BizCode { get; set; } = "";
}

public sealed class RolePermission
{
    public long RoleId { get; set; }
    public string Permission { get; set; } = "";
}

internal sealed class UserConfiguration : IEntityTypeConfiguration<User>, IEntityTypeConfiguration<UserScope>, IEntityTypeConfiguration<RolePermission>
{
    public void Configure(EntityTypeBuilder<User> builder)
    {
        builder.Property(u => u.DisplayName).HasMaxLength(100);
        builder.HasMany(u => u.Scopes).WithOne().HasForeignKey(s => s.UserId);
    }

    public void Configure(EntityTypeBuilder<UserScope> builder)
    {
        builder.HasKey(s => new { s.UserId, s.BizCode });
        builder.Property(s => s.BizCode).HasMaxLength(64);
    }

    public void Configure(EntityTypeBuilder<RolePermission> builder)
    {
        builder.HasKey(p => new { p.RoleId, p.Permission });
        builder.Property(p => p.Permission).HasMaxLength(64);
        builder.HasOne<Role>().WithMany(r => r.Permissions).HasForeignKey(p => p.RoleId);
    }
}
