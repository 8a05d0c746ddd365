using System.Runtime.CompilerServices;
using System.Text;
using LLMEval.Core.Sessions;

namespace LLMEval.Core.Collecting.Formats;

/// <summary>One line of a source: a session, or why it is none. <paramref name="Position"/> counts the bytes up to the line's end.</summary>
public sealed record SessionLine(long Number, long Position, SessionRecord? Session, Rejection? Rejection)
{
    /// <summary>The line as it stands in the source, of rejected lines only; of lines over the limit only the beginning.</summary>
    public string? Raw { get; init; }
}

/// <summary>What a reader of sessions refuses, and how it reads times without an offset.</summary>
public sealed record SessionLimits(int MaxLineBytes, int MaxMessageBytes, int MaxContentBytes, int MaxMessages, TimeZoneInfo TimeZone);

/// <summary>Reads the neutral shape, one session a line in UTF-8, holding one line at a time. A line that cannot be taken becomes a rejection and reading goes on. Blank lines are passed over.</summary>
public static class SessionsJsonl
{
    /// <param name="judge">Says why a readable session is not to be taken all the same; null takes it.</param>
    public static async IAsyncEnumerable<SessionLine> ReadAsync(Stream stream, SessionLimits limits, Func<SessionRecord, Rejection?> judge, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var lines = new LineReader(stream, limits.MaxLineBytes);
        using var parser = new SessionParser(limits);
        while (await lines.ReadAsync(cancellationToken))
        {
            var line = lines.Line;
            if (line.Span.IndexOfAnyExcept(" \t"u8) < 0)
            {
                continue;
            }
            var (session, rejection) = lines.IsTooLong ? (null, new Rejection(Rejection.LineTooLong, limits.MaxLineBytes)) : parser.Parse(line);
            rejection ??= judge(session!);
            yield return new SessionLine(lines.Number, lines.Position, rejection is null ? session : null, rejection)
            {
                Raw = rejection is null ? null : Encoding.UTF8.GetString(line.Span),
            };
        }
    }
}
