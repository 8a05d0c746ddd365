using LLMEval.Core.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace LLMEval.Core.Access;

/// <summary>Who changed what, when. Written in the transaction of the change itself; never holds message content or secrets.</summary>
public sealed class AuditEntry
{
    public long Id { get; set; }
    public DateTime At { get; set; }
    public long ActorId { get; set; }
    public string ActorName { get; set; } = "";

    /// <summary>Verb and noun in lower case, such as <c>label.set</c> or <c>run.start</c>.</summary>
    public string Action { get; set; } = "";
    public string Subject { get; set; } = "";
    public long? SubjectId { get; set; }
    public string? DetailJson { get; set; }

    public static AuditEntry Of(Actor actor, DateTime utcNow, string action, string subject, long? subjectId, object? detail = null) => new()
    {
        At = utcNow,
        ActorId = actor.UserId,
        ActorName = actor.Name,
        Action = action,
        Subject = subject,
        SubjectId = subjectId,
        DetailJson = detail is null ? null : Json.Write(detail),
    };
}

internal sealed class AuditEntryConfiguration : IEntityTypeConfiguration<AuditEntry>
{
    public void Configure(EntityTypeBuilder<AuditEntry> builder)
    {
        builder.Property(e => e.ActorName).HasMaxLength(256);
        builder.Property(e => e.Action).HasMaxLength(64);
        builder.Property(e => e.Subject).HasMaxLength(200);
        // Serves the newest entries, and those about one subject.
        builder.HasIndex(e => new { e.At, e.Id });
        builder.HasIndex(e => new { e.Action, e.SubjectId });
    }
}
