using System.Globalization;
using System.Text;
using LLMEval.Core.Common;

namespace LLMEval.Core.Sessions;

/// <summary>Fingerprints of what a source said, before any time is inferred: importing the same again gives the same, whenever that is.</summary>
internal static class SessionFingerprint
{
    public static string OfMessage(MessageRecord message)
    {
        var generation = message.Generation;
        return generation is null
            ? Fingerprint.Of(message.SenderType.ToString(), message.Content, Text(message.SentAt), message.ExtraJson)
            : Fingerprint.Of(message.SenderType.ToString(), message.Content, Text(message.SentAt), message.ExtraJson, Json.Write(generation));
    }

    public static string OfSession(SessionRecord session, IReadOnlyList<string> messageHashes, TimeChoice times)
    {
        var text = new StringBuilder(256 + (session.Messages.Count * 64));
        Add(session.RobotId, session.UserId, session.RobotName, session.Language, session.SystemPrompt, Text(session.StartedAt), session.ExtraJson);
        if (times.IsGiven && SentTimes.AreUnknown(session))
        {
            Add(times.Key);
        }
        foreach (var tag in session.Tags)
        {
            Add("tag", tag);
        }
        for (var i = 0; i < session.Messages.Count; i++)
        {
            Add(session.Messages[i].MessageId, messageHashes[i]);
        }
        foreach (var point in session.Memory)
        {
            Add("memory", point.MemoryId, point.Content, Text(point.CreatedAt), Text(point.ChangedAt), point.ExtraJson);
        }
        return Fingerprint.Of(text.ToString());

        void Add(params ReadOnlySpan<string?> parts)
        {
            foreach (var part in parts)
            {
                text.Append(part).Append('\u001f');
            }
        }
    }

    private static string Text(DateTime? time) => time?.Ticks.ToString(CultureInfo.InvariantCulture) ?? "";
}
