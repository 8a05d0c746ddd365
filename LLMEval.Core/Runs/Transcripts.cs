using System.Globalization;
using System.Text;
using LLMEval.Core.Samples;
using LLMEval.Core.Targets;
using Microsoft.Extensions.AI;

namespace LLMEval.Core.Runs;

/// <summary>A bot turn to be answered again: what a sample and a reproduction have in common.</summary>
public sealed record Turn(IReadOnlyList<SampleMessage> Context, string? SystemPrompt, IReadOnlyList<SampleMemory> Memory, RecordedAnswer? Recorded, string? ConversationId, long? MessageId)
{
    /// <summary>True where the context is a script: its user messages are asked one after the other.</summary>
    public bool IsScript { get; init; }
}

/// <summary>Makes the question that a target version is asked about a turn.</summary>
public static class Transcripts
{
    /// <summary>Changes whenever the same turn would be asked in other words; stored in plans.</summary>
    public const int Version = 1;

    /// <summary>One system message (the version's own prompt, else production's, then the memory block), then the last messages of the context.</summary>
    public static Transcript Of(Turn turn, TargetSnapshot target, int? seed)
    {
        var messages = new List<ChatMessage>();
        var prompt = target.SystemPrompt is { Length: > 0 } own ? own : turn.SystemPrompt;
        var memory = target.MemoryPolicy == MemoryPolicy.AsKnown ? MemoryBlock(turn.Memory) : null;
        var system = string.Join("\n\n", new[] { prompt, memory }.Where(part => !string.IsNullOrWhiteSpace(part)));
        if (system.Length > 0)
        {
            messages.Add(new ChatMessage(ChatRole.System, system));
        }
        var context = target.ContextLength is { } length ? ContextCut.Of(turn.Context, length) : turn.Context;
        messages.AddRange(context.Select(m => new ChatMessage(RoleOf(m.Role), m.Content)));
        return new Transcript(messages, turn.ConversationId, turn.MessageId, seed, turn.Recorded);
    }

    /// <summary>Null where nothing is known. Points whose date is unknown come first, then oldest first.</summary>
    internal static string? MemoryBlock(IReadOnlyList<SampleMemory> memory)
    {
        if (memory.Count == 0)
        {
            return null;
        }
        var block = new StringBuilder("<memory>\nWhat you know about the user from earlier conversations:\n");
        foreach (var point in memory.OrderBy(p => p.CreatedAt ?? DateTime.MinValue))
        {
            block.Append("- ");
            if (point.CreatedAt is { } at)
            {
                block.Append(at.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)).Append(": ");
            }
            block.Append(point.Content.ReplaceLineEndings(" ")).Append('\n');
        }
        return block.Append("</memory>").ToString();
    }

    // A tool's message stands without the call that it answers, which endpoints refuse; its text is told as a system message.
    private static ChatRole RoleOf(string role) => role switch
    {
        "user" => ChatRole.User,
        "assistant" => ChatRole.Assistant,
        _ => ChatRole.System,
    };
}
