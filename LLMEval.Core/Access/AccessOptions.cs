namespace LLMEval.Core.Access;

/// <summary>Configuration section <c>Authentication</c>.</summary>
public sealed class AccessOptions
{
    public const string Section = "Authentication";

    /// <summary>How often an open page asks whether its account may still be there.</summary>
    public int RevalidateSeconds { get; set; } = 30;

    /// <summary>How long a sign-in lasts when it is not used.</summary>
    public int SessionHours { get; set; } = 24 * 7;

    /// <summary>The address people use, where it differs from the one the server listens on (behind a proxy); only one-time links need it.</summary>
    public string? PublicUrl { get; set; }
}
