using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using LLMEval.Core.Common;
using MathNet.Numerics.Random;
using Microsoft.Extensions.AI;

namespace LLMEval.Core.Targets.Replay;

/// <summary>The built-in bot: answers with the recorded bot reply whose preceding user turns resemble the context most (BM25), sampled among the best by temperature.</summary>
/// <remarks>
/// <c>retrieval-1</c> looks only at the last user message. <c>retrieval-2</c> looks at the whole context, prefers replies of the same bot and replies that touch on what the system message
/// (persona, memory points) says, and avoids what was said already. The same seed gives the same answer over the same corpus; without a seed each answer is drawn anew.
/// Tokens are estimated: one for each Han, kana or Hangul character, one for every four others.
/// </remarks>
public sealed class RetrievalBot(ReplyCorpus corpus, TimeProvider clock) : IChatClient
{
    public const string First = "retrieval-1";
    public const string Second = "retrieval-2";

    /// <summary>Keys of <see cref="ChatOptions.AdditionalProperties"/>: the recorded message that is asked for again (a number), whose whole session is left out: its replies would be parroted, the bot to sound like, and the business lines that may be drawn from (names; absent means all).</summary>
    public const string SourceMessageId = "source_message_id";
    public const string RobotId = "robot_id";
    public const string BizCodes = "biz_codes";
    private const int Sampled = 8;
    private const int Considered = 60;

    /// <summary>Score of a candidate relative to the best, times this, divided by the temperature: a candidate of half the score is e^2.5 times less likely at temperature 1.</summary>
    private const double Sharpness = 5;

    public static IReadOnlyList<string> Models { get; } = [First, Second];

    public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new ChatOptions();
        var model = options.ModelId ?? First;
        if (!Models.Contains(model))
        {
            throw new UnreachableTargetException("not_found", $"the built-in bot has no model {model}");
        }
        var context = messages.Where(m => !string.IsNullOrWhiteSpace(m.Text)).ToList();
        var index = await corpus.CurrentAsync(cancellationToken);
        var source = Number(options, SourceMessageId) is { } id ? await corpus.SourceAsync(index, id, cancellationToken) : null;
        var bizCodes = options.AdditionalProperties?.GetValueOrDefault(BizCodes) as IReadOnlyList<string>;
        // The session asked about holds the very answer, and later ones that quote the question: a bot may not look at them.
        bool IsAllowed(Reply reply) => (source is null || (reply.SessionId != source.SessionId && reply.BizCode == source.BizCode)) && (bizCodes is null || bizCodes.Contains(reply.BizCode));

        var candidates = model == First ? Plain(index, context, IsAllowed) : Considerate(index, context, IsAllowed, options.AdditionalProperties?.GetValueOrDefault(RobotId) as string ?? source?.RobotId);
        if (candidates.Count == 0)
        {
            // Nothing resembles the context: the newest replies are as good as any.
            candidates = [.. index.Replies.Where(IsAllowed).OrderByDescending(r => r.MessageId).Take(Sampled).Select(r => new Hit(r, 1))];
        }
        if (candidates.Count == 0)
        {
            throw new EmptyCorpusException();
        }
        var seed = options.Seed is { } given ? given.GetHashCode() : RandomNumberGenerator.GetInt32(int.MaxValue);
        var (text, reason) = Cut(Sample(candidates, options.Temperature ?? 1, options.TopP ?? 1, seed).Text, options);
        var (input, output) = (context.Sum(m => Tokens(m.Text)), Tokens(text));
        return new ChatResponse(new ChatMessage(ChatRole.Assistant, text))
        {
            ResponseId = "chatcmpl-" + Guid.NewGuid().ToString("N"),
            ModelId = model,
            CreatedAt = clock.GetUtcNow(),
            FinishReason = reason,
            Usage = new UsageDetails { InputTokenCount = input, OutputTokenCount = output, TotalTokenCount = input + output },
        };
    }

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var response = await GetResponseAsync(messages, options, cancellationToken);
        var elements = System.Globalization.StringInfo.GetTextElementEnumerator(response.Text);
        while (elements.MoveNext())
        {
            yield return new ChatResponseUpdate(ChatRole.Assistant, elements.GetTextElement()) { ResponseId = response.ResponseId, ModelId = response.ModelId, CreatedAt = response.CreatedAt };
        }
        yield return new ChatResponseUpdate
        {
            Role = ChatRole.Assistant,
            ResponseId = response.ResponseId,
            ModelId = response.ModelId,
            CreatedAt = response.CreatedAt,
            FinishReason = response.FinishReason,
            Contents = [new UsageContent(response.Usage!)],
        };
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => serviceKey is null && serviceType.IsInstanceOfType(this) ? this : null;

    // Shared by all targets: nobody's disposal may end it.
    public void Dispose()
    {
    }

    internal static int Tokens(string text)
    {
        var (cjk, other) = (0, 0);
        foreach (var rune in text.EnumerateRunes())
        {
            _ = Characters.IsCjk(rune.Value) ? cjk++ : other++;
        }
        return cjk + (other + 3) / 4;
    }

    private static List<Hit> Plain(ReplyIndex index, List<ChatMessage> context, Func<Reply, bool> isAllowed)
    {
        var last = context.LastOrDefault(m => m.Role == ChatRole.User);
        return last is null ? [] : Distinct(index.Search(Weighted([last], 1), isAllowed, Considered));
    }

    private static List<Hit> Considerate(ReplyIndex index, List<ChatMessage> context, Func<Reply, bool> isAllowed, string? robotId)
    {
        var users = context.Where(m => m.Role == ChatRole.User).TakeLast(6).ToList();
        var hits = Distinct(index.Search(Weighted(users, 0.5), isAllowed, Considered));
        if (hits.Count == 0)
        {
            return hits;
        }
        var told = string.Join('\n', context.Where(m => m.Role == ChatRole.System).Select(m => m.Text));
        var known = ReplyTerms.Of(told).Where(term => index.Idf(term) > Math.Log(50)).ToHashSet();
        var said = context.Where(m => m.Role == ChatRole.Assistant).Select(m => ReplyTerms.Of(m.Text).ToHashSet()).ToList();
        var robot = robotId ?? (told.Length == 0 ? null : hits.Select(h => h.Reply.RobotId).FirstOrDefault(r => r.Length >= 3 && told.Contains(r, StringComparison.Ordinal)));
        return
        [
            .. hits.Select(hit =>
            {
                var terms = ReplyTerms.Of(hit.Reply.Text).ToHashSet();
                var score = hit.Score * (hit.Reply.RobotId == robot ? 1.3 : 1) * (1 + 0.05 * Math.Min(4, terms.Count(known.Contains)));
                return hit with { Score = said.Exists(earlier => IsSame(terms, earlier)) ? 0.1 * score : score };
            }).OrderByDescending(h => h.Score).ThenByDescending(h => h.Reply.MessageId),
        ];
    }

    private static bool IsSame(HashSet<ulong> terms, HashSet<ulong> earlier) => terms.Count > 0 && terms.Count(earlier.Contains) >= 0.6 * terms.Count;

    // The latest message weighs 1, each one before it less by the given factor.
    private static IEnumerable<(ulong Term, double Weight)> Weighted(List<ChatMessage> messages, double factor) =>
        messages.AsEnumerable().Reverse().SelectMany((message, age) => ReplyTerms.Of(message.Text).Select(term => (term, Weight: Math.Pow(factor, age))))
            .GroupBy(t => t.term).Select(group => (group.Key, group.Max(t => t.Weight)));

    private static List<Hit> Distinct(List<Hit> hits) => [.. hits.DistinctBy(h => h.Reply.Text, StringComparer.Ordinal)];

    private static Reply Sample(List<Hit> ranked, double temperature, double topP, int seed)
    {
        var best = ranked[0].Score;
        if (temperature <= 0)
        {
            return ranked[0].Reply;
        }
        var weights = ranked.Take(Sampled).Select(h => Math.Exp(Sharpness * (h.Score / best - 1) / temperature)).ToList();
        var total = weights.Sum();
        var kept = 0;
        for (double mass = 0; kept < weights.Count && (kept == 0 || mass < topP * total); kept++)
        {
            mass += weights[kept];
        }
        var draw = new Xoshiro256StarStar(seed).NextDouble() * weights.Take(kept).Sum();
        for (var i = 0; i < kept; i++)
        {
            draw -= weights[i];
            if (draw < 0)
            {
                return ranked[i].Reply;
            }
        }
        return ranked[kept - 1].Reply;
    }

    private static (string Text, ChatFinishReason Reason) Cut(string text, ChatOptions options)
    {
        var reason = ChatFinishReason.Stop;
        foreach (var stop in options.StopSequences ?? [])
        {
            var at = stop.Length == 0 ? -1 : text.IndexOf(stop, StringComparison.Ordinal);
            text = at < 0 ? text : text[..at];
        }
        if (options.MaxOutputTokens is { } most && Tokens(text) > most)
        {
            reason = ChatFinishReason.Length;
            var shorter = new System.Text.StringBuilder();
            foreach (var rune in text.EnumerateRunes())
            {
                if (Tokens(shorter.ToString() + rune) > most)
                {
                    break;
                }
                shorter.Append(rune.ToString());
            }
            text = shorter.ToString();
        }
        return (text, reason);
    }

    private static long? Number(ChatOptions options, string key) => options.AdditionalProperties?.GetValueOrDefault(key) switch
    {
        long number => number,
        string text when long.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number) => number,
        _ => null,
    };
}
