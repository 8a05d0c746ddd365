using System.Globalization;
using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Labels;
using LLMEval.Core.Sessions;

namespace LLMEval.Tests.Support;

/// <summary>Builds valid things; a test names only what it is about.</summary>
public static class Given
{
    /// <summary>Stores a session whose messages alternate user, bot, user, bot…, one minute apart from <paramref name="startedAt"/> (default an hour before the test clock).</summary>
    public static async Task<(Session Session, IReadOnlyList<Message> Messages)> SessionAsync(
        this TestDatabase database, string id = "s-1", string biz = "companion", string robot = "r-1", string user = "u-1", DateTime? startedAt = null, params string[] contents)
    {
        var start = startedAt ?? database.Clock.GetUtcNow().UtcDateTime.AddHours(-1);
        var texts = contents.Length > 0 ? contents : ["睡了没", "还没呢，在等你。"];
        var session = new Session
        {
            BizCode = biz,
            ExternalId = id,
            RobotId = robot,
            UserId = user,
            StartedAt = start,
            LastMessageAt = start.AddMinutes(texts.Length - 1),
            UpdatedAt = start.AddMinutes(texts.Length),
            MessageCount = texts.Length,
            BotMessageCount = texts.Length / 2,
            ContentHash = Fingerprint.Of(id),
        };
        await using var db = database.Open();
        db.Sessions.Add(session);
        await db.SaveChangesAsync();
        var messages = texts.Select((text, i) => new Message
        {
            SessionId = session.Id,
            Ordinal = i,
            ExternalId = string.Create(CultureInfo.InvariantCulture, $"m-{i + 1}"),
            BizCode = biz,
            RobotId = robot,
            UserId = user,
            SenderType = i % 2 == 0 ? SenderType.User : SenderType.Bot,
            Content = text,
            Preview = Preview.Of(text),
            SentAt = start.AddMinutes(i),
            UpdatedAt = start.AddMinutes(i),
            ContentHash = Fingerprint.Of(text),
        }).ToList();
        db.Messages.AddRange(messages);
        await db.SaveChangesAsync();
        db.MessageChanges.AddRange(messages.Select(m => new MessageChange { FromId = m.Id, ToId = m.Id }));
        await db.SaveChangesAsync();
        return (session, messages);
    }

    public static async Task<MemoryPoint> MemoryAsync(this TestDatabase database, Session session, string content, DateTime? createdAt)
    {
        await using var db = database.Open();
        var point = new MemoryPoint { SessionId = session.Id, ExternalId = Fingerprint.Of(content), Content = content, CreatedAt = createdAt };
        db.MemoryPoints.Add(point);
        await db.SaveChangesAsync();
        return point;
    }

    public static async Task<Label> LabelAsync(this TestDatabase database, Message message, Verdict verdict, string? groundTruth = null, long annotator = 1)
    {
        var person = new Actor(annotator, "annotator", Permissions.All.ToHashSet(), null);
        var result = await new LabelMessage(database.Contexts, database.Clock).ExecuteAsync(new LabelRequest(message.Id, verdict, GroundTruth: groundTruth, Prediction: message.Content), person, CancellationToken.None);
        Assert.Null(result.Failure);
        await using var db = database.Open();
        return db.Labels.Single(l => l.MessageId == message.Id && l.AnnotatorId == annotator);
    }
}
