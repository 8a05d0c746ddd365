namespace LLMEval.Core.Access;

/// <summary>What a role may allow. Verbs ask for one of these before they read anything; pages name them in their policies.</summary>
public static class Permissions
{
    public const string SessionsView = "sessions.view";
    public const string SessionsImport = "sessions.import";
    public const string LabelsWrite = "labels.write";

    /// <summary>Queues, the scale and the issue list, imports in other people's names.</summary>
    public const string LabelsManage = "labels.manage";

    /// <summary>Agreement, and to settle what people disagree about.</summary>
    public const string LabelsAdjudicate = "labels.adjudicate";
    public const string SetsView = "sets.view";
    public const string SetsEdit = "sets.edit";
    public const string TargetsView = "targets.view";
    public const string TargetsEdit = "targets.edit";
    public const string RunsView = "runs.view";
    public const string RunsStart = "runs.start";
    public const string ReproductionsView = "reproductions.view";
    public const string ReproductionsStart = "reproductions.start";
    public const string DemoLoad = "demo.load";
    public const string UsersManage = "users.manage";

    public static IReadOnlyList<string> All { get; } =
    [
        SessionsView, SessionsImport, LabelsWrite, LabelsManage, LabelsAdjudicate, SetsView, SetsEdit, TargetsView, TargetsEdit,
        RunsView, RunsStart, ReproductionsView, ReproductionsStart, DemoLoad, UsersManage,
    ];
}

/// <summary>The roles every installation has, with the permissions they start with.</summary>
public static class RoleNames
{
    public const string Admin = "Admin";
    public const string Manager = "Manager";
    public const string Annotator = "Annotator";
    public const string Viewer = "Viewer";

    public static IReadOnlyDictionary<string, IReadOnlyList<string>> Defaults { get; } = new Dictionary<string, IReadOnlyList<string>>
    {
        [Admin] = Permissions.All,
        [Manager] = [.. Permissions.All.Where(p => p != Permissions.UsersManage)],
        [Annotator] = [Permissions.LabelsWrite],
        [Viewer] = [Permissions.SessionsView, Permissions.SetsView, Permissions.TargetsView, Permissions.RunsView, Permissions.ReproductionsView],
    };
}
