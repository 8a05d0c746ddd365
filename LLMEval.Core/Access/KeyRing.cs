using LLMEval.Core.Data;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Access;

/// <summary>The data-protection keys in the database. Synchronous, because the framework asks for them so.</summary>
public sealed class KeyRing(IDbContextFactory<LLMEvalDbContext> contexts)
{
    public IReadOnlyList<string> ReadAll()
    {
        using var db = contexts.CreateDbContext();
        return [.. db.KeyRing.AsNoTracking().OrderBy(k => k.Id).Select(k => k.Xml)];
    }

    public void Add(string friendlyName, string xml)
    {
        using var db = contexts.CreateDbContext();
        db.KeyRing.Add(new KeyRingEntry { FriendlyName = friendlyName, Xml = xml });
        db.SaveChanges();
    }
}
