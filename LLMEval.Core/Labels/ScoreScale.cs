using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace LLMEval.Core.Labels;

/// <summary>From the worst score to the best.</summary>
public enum ScoreScale { ZeroToOne, OneToFive, ZeroToTen, ZeroToHundred }

public static class ScoreScales
{
    /// <summary>Lowest and highest score, and the step between scores that a key or a click gives; any number between counts.</summary>
    public static (double Low, double High, double Step) Bounds(this ScoreScale scale) => scale switch
    {
        ScoreScale.ZeroToOne => (0, 1, 0.1),
        ScoreScale.OneToFive => (1, 5, 1),
        ScoreScale.ZeroToTen => (0, 10, 0.5),
        _ => (0, 100, 5),
    };

    /// <summary>The score as a share of its scale, 0 to 1, so that scores of two scales compare.</summary>
    public static double Share(this ScoreScale scale, double score)
    {
        var (low, high, _) = scale.Bounds();
        return (score - low) / (high - low);
    }

    /// <summary>The score that a digit key means: 0 the lowest and 9 the highest, on 1–5 the digit itself, on 0–10 too; null where the digit means none.</summary>
    public static double? OfDigit(this ScoreScale scale, int digit) => scale switch
    {
        ScoreScale.OneToFive => digit is >= 1 and <= 5 ? digit : null,
        ScoreScale.ZeroToTen => digit,
        ScoreScale.ZeroToOne => Math.Round(digit / 9.0, 1),
        _ => Math.Round(digit * 100 / 9.0 / 5) * 5,
    };
}

/// <summary>How labels of a business line are given. The line named "" is what holds for those without a scheme of their own.</summary>
public sealed class LabelScheme
{
    public string BizCode { get; set; } = "";
    public ScoreScale Scale { get; set; } = ScoreScale.ZeroToTen;
    public DateTime UpdatedAt { get; set; }
}

/// <summary>An issue category on the managed list, offered while labelling.</summary>
public sealed class LabelIssue
{
    public const int MaxNameLength = 64;

    public long Id { get; set; }
    public string Name { get; set; } = "";

    /// <summary>One letter that sets it from the keyboard; null where there is none.</summary>
    public string? Shortcut { get; set; }
    public int Position { get; set; }
}

internal sealed class LabelSchemeConfiguration : IEntityTypeConfiguration<LabelScheme>, IEntityTypeConfiguration<LabelIssue>
{
    public void Configure(EntityTypeBuilder<LabelScheme> builder)
    {
        builder.HasKey(s => s.BizCode);
        builder.Property(s => s.BizCode).HasMaxLength(64);
    }

    public void Configure(EntityTypeBuilder<LabelIssue> builder)
    {
        builder.Property(i => i.Name).HasMaxLength(LabelIssue.MaxNameLength);
        builder.Property(i => i.Shortcut).HasMaxLength(1);
        builder.HasIndex(i => i.Name).IsUnique();
    }
}
