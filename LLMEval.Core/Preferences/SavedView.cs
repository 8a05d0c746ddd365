using LLMEval.Core.Access;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace LLMEval.Core.Preferences;

/// <summary>A list page as somebody wants to find it again: the query of its address under a name.</summary>
public sealed class SavedView
{
    public const int MaxNameLength = 80;
    public const int MaxQueryLength = 32_000;

    public long Id { get; set; }
    public long OwnerId { get; set; }
    public string OwnerName { get; set; } = "";

    /// <summary>The page's name, such as <c>sessions</c>.</summary>
    public string Page { get; set; } = "";
    public string Name { get; set; } = "";

    /// <summary>With its question mark.</summary>
    public string Query { get; set; } = "";

    /// <summary>True when everybody sees it; only its owner changes it.</summary>
    public bool IsShared { get; set; }
    public DateTime UpdatedAt { get; set; }
}

/// <summary>One thing that an account has set for itself.</summary>
public sealed class UserSetting
{
    public const int MaxKeyLength = 64;

    public long UserId { get; set; }
    public string Key { get; set; } = "";
    public string Value { get; set; } = "";
}

internal sealed class SavedViewConfiguration : IEntityTypeConfiguration<SavedView>, IEntityTypeConfiguration<UserSetting>
{
    public void Configure(EntityTypeBuilder<SavedView> builder)
    {
        builder.Property(v => v.OwnerName).HasMaxLength(256);
        builder.Property(v => v.Page).HasMaxLength(32);
        builder.Property(v => v.Name).HasMaxLength(SavedView.MaxNameLength);
        // Own views of a page by name, and one of each name.
        builder.HasIndex(v => new { v.OwnerId, v.Page, v.Name }).IsUnique();
        // What others share.
        builder.HasIndex(v => new { v.Page, v.IsShared, v.Name });
        builder.HasOne<User>().WithMany().HasForeignKey(v => v.OwnerId).OnDelete(DeleteBehavior.Cascade);
    }

    public void Configure(EntityTypeBuilder<UserSetting> builder)
    {
        builder.HasKey(s => new { s.UserId, s.Key });
        builder.Property(s => s.Key).HasMaxLength(UserSetting.MaxKeyLength);
        builder.HasOne<User>().WithMany().HasForeignKey(s => s.UserId).OnDelete(DeleteBehavior.Cascade);
    }
}
