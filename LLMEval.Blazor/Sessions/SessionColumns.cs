namespace LLMEval.Blazor.Sessions;

/// <summary>Columns of the sessions grid that may be hidden; the session itself always stands first.</summary>
public enum SessionColumn { Biz, Robot, User, Messages, Memory, Labels, Tags, Started, LastMessage, Updated }

/// <summary>Which columns somebody sees, as a setting keeps it: names with commas between.</summary>
public static class SessionColumns
{
    public const string Key = "sessions.columns";

    public static IReadOnlySet<SessionColumn> Default { get; } = Enum.GetValues<SessionColumn>().Where(c => c != SessionColumn.Memory).ToHashSet();

    /// <summary>Names that there are no more are passed over; the default when nothing is kept.</summary>
    public static IReadOnlySet<SessionColumn> Read(string? text) =>
        text is null ? Default : text.Split(',').Where(name => Enum.TryParse<SessionColumn>(name, out _)).Select(Enum.Parse<SessionColumn>).ToHashSet();

    public static string Write(IEnumerable<SessionColumn> columns) => string.Join(',', columns.Order());
}
