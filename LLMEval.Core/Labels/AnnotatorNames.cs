using LLMEval.Core.Data;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Labels;

/// <summary>How files name whose label it is: the account's e-mail where there is an account, else the name that the label carries.</summary>
internal sealed class AnnotatorNames
{
    private readonly Dictionary<long, string> _emails;

    private AnnotatorNames(Dictionary<long, string> emails) => _emails = emails;

    public static async Task<AnnotatorNames> OfAsync(LLMEvalDbContext db, IEnumerable<Label> labels, CancellationToken cancellationToken)
    {
        var ids = labels.Select(l => l.AnnotatorId).Where(id => id > 0).Distinct().ToList();
        return new AnnotatorNames(ids.Count == 0 ? [] : await db.Users.AsNoTracking().Where(u => ids.Contains(u.Id) && u.Email != null).ToDictionaryAsync(u => u.Id, u => u.Email!, cancellationToken));
    }

    public string Of(Label label) => _emails.GetValueOrDefault(label.AnnotatorId) ?? label.AnnotatorName;
}
