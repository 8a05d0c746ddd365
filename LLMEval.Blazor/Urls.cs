using System.Globalization;
using System.Text;

namespace LLMEval.Blazor;

/// <summary>Every address of the app. Links and redirects are made here and nowhere else.</summary>
public static class Urls
{
    public const string Home = "/";
    public const string Sessions = "/sessions";
    public const string Messages = "/messages";
    public const string Import = "/import";
    public const string Labelling = "/labelling";
    public const string NewQueue = Labelling + "/new";
    public const string Disputes = Labelling + "/disputes";
    public const string Agreement = Labelling + "/agreement";
    public const string LabelSettings = Labelling + "/settings";
    public const string Pool = "/pool";
    public const string Sets = "/sets";
    public const string NewSet = Sets + "/new";
    public const string Take = Pool + "/take";
    public const string Runs = "/runs";
    public const string Reproductions = "/reproductions";
    public const string Regression = Reproductions + "/regression";
    public const string Targets = "/targets";
    public const string NotFound = "/not-found";
    public const string Login = "/account/login";
    public const string Logout = "/account/logout";
    public const string AccessDenied = "/account/denied";
    public const string Fault = "/account/fault";
    public const string SetupPath = "/account/setup";
    public const string SetPasswordPath = "/account/password";
    public const string CulturePath = "/culture";
    public const string ExportSessionsPath = "/export/sessions.";
    public const string ExportSetPath = "/export/sets/";
    public const string ImportSetPath = Sets + "/import";

    public static string Setup(string token) => With(SetupPath, ("token", token));

    public static string SetPassword(string token) => With(SetPasswordPath, ("token", token));

    public static string LoginThen(string returnUrl) => returnUrl is "" or "/" ? Login : With(Login, ("ReturnUrl", returnUrl));

    public static string Culture(string culture, string returnUrl) => With(CulturePath, ("culture", culture), ("returnUrl", returnUrl));

    public static string Run(long id) => Join(Runs, id);

    public static string Reproduction(long id) => Join(Reproductions, id);

    public static string Set(long id) => Join(Sets, id);

    public static string DeletedSets => With(Sets, ("deleted", "true"));

    /// <summary>What changed from one version to another, or to now where there is no other.</summary>
    public static string SetDiff(long id, int from, int? to) => With(Set(id) + "/diff", ("from", from), ("to", to));

    /// <summary>The samples of the pool that are in the set, carry the tag and are of the bot.</summary>
    public static string PoolOf(long? setId, string? tag = null, string? robotId = null) =>
        With(Pool, ("set", setId), ("tags", tag is null ? null : Core.Samples.TagExpression.Quote(tag)), ("robot", robotId));

    public static string Queue(long id) => Join(Labelling, id);

    /// <summary>Where a person labels one message of the queue after another.</summary>
    public static string QueueWork(long id) => Queue(id) + "/work";

    /// <summary>The labels of the queue as a file; without one, all labels.</summary>
    public static string ExportLabels(long? queueId, string format) => With("/export/labels." + format, ("queue", queueId));

    /// <summary>The set as a file; without a version, as it is now.</summary>
    public static string ExportSet(long id, string format, int? version) => With(ExportSetPath + id.ToString(CultureInfo.InvariantCulture) + "/" + format, ("version", version));

    /// <summary>Items out of a file, into the set or a new one.</summary>
    public static string ImportSet(long? setId) => With(ImportSetPath, ("set", setId));

    /// <summary>A new queue of what the address of a list shows.</summary>
    public static string NewQueueFrom(string address) => With(NewQueue, ("from", address));

    /// <summary>A set of what the address of the pool shows, by rule or by draw.</summary>
    public static string NewSetFrom(string address) => With(NewSet, ("from", address));

    /// <summary>The bot messages of what the address of a list shows, into the pool.</summary>
    public static string TakeFrom(string address) => With(Take, ("from", address));

    /// <summary>The whole conversation, at one of its messages.</summary>
    public static string Chat(long sessionId, long? messageId = null) => With(Sessions, ("chat", sessionId), ("message", messageId));

    /// <summary>The messages that contain the text.</summary>
    public static string MessagesWith(string text) => With(Messages, ("text", text));

    /// <summary>What the grid at the address shows, as a file.</summary>
    public static string ExportSessions(string sessions, string format) => ExportSessionsPath + format + sessions[Sessions.Length..];

    public static string Target(long id) => Join(Targets, id);

    public static string NewRun(long? setId = null, int? setVersion = null) => With(Runs + "/new", ("set", setId), ("version", setVersion));

    /// <summary>A bad case to ask again: a message, a sample or a run's answer; without one the form asks for it.</summary>
    public static string NewReproduction(long? messageId = null, long? sampleId = null, long? trialId = null) =>
        With(Reproductions + "/new", ("message", messageId), ("sample", sampleId), ("trial", trialId));

    /// <summary>The path with those of the values that are not null, written in the invariant culture and escaped.</summary>
    public static string With(string path, params ReadOnlySpan<(string Key, object? Value)> query)
    {
        var text = new StringBuilder(path);
        var separator = path.Contains('?', StringComparison.Ordinal) ? '&' : '?';
        foreach (var (key, value) in query)
        {
            if (Convert.ToString(value, CultureInfo.InvariantCulture) is { Length: > 0 } written)
            {
                text.Append(separator).Append(key).Append('=').Append(Uri.EscapeDataString(written));
                separator = '&';
            }
        }
        return text.ToString();
    }

    /// <summary>The address when it leads inside this app, else home: a link must not send people elsewhere after they signed in.</summary>
    public static string LocalOrHome(string? url) =>
        url is ['/', ..] && url is not ['/', '/' or '\\', ..] && !url.Any(char.IsControl) ? Ascii(url) : Home;

    // A header takes nothing else.
    private static string Ascii(string url) =>
        url.All(char.IsAscii) ? url : new Uri(new Uri("http://localhost"), url).GetComponents(UriComponents.PathAndQuery | UriComponents.Fragment, UriFormat.UriEscaped);

    private static string Join(string path, long id) => string.Create(CultureInfo.InvariantCulture, $"{path}/{id}");
}
