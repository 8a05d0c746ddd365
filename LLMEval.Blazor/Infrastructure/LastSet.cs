using System.Globalization;
using LLMEval.Core.Common;
using LLMEval.Core.Preferences;
using LLMEval.Core.Samples;

namespace LLMEval.Blazor.Infrastructure;

/// <summary>The set that an account put a message into last: the one that a single click fills.</summary>
public sealed class LastSet(UserSettings settings, SetQueries sets)
{
    private const string Key = "sets.last";

    /// <summary>Null where there is none yet, or it is gone, of a rule, or not for this actor any more.</summary>
    public async Task<SetDetail?> GetAsync(Actor actor, CancellationToken cancellationToken) =>
        long.TryParse(await settings.GetAsync(Key, actor, cancellationToken), NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            && await sets.DetailAsync(id, actor, cancellationToken) is { Rule: null } set ? set : null;

    public async Task KeepAsync(long setId, Actor actor, CancellationToken cancellationToken)
    {
        if (actor.UserId != 0)
        {
            await settings.SetAsync(Key, setId.ToString(CultureInfo.InvariantCulture), actor, cancellationToken);
        }
    }
}
