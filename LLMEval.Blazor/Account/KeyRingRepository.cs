using System.Xml.Linq;
using LLMEval.Core.Access;
using Microsoft.AspNetCore.DataProtection.Repositories;

namespace LLMEval.Blazor.Account;

/// <summary>Keeps data-protection keys in our database. The framework's package for this would lift EF Core beyond what the MySQL provider bears.</summary>
internal sealed class KeyRingRepository(KeyRing ring) : IXmlRepository
{
    public IReadOnlyCollection<XElement> GetAllElements() => [.. ring.ReadAll().Select(xml => XElement.Parse(xml))];

    public void StoreElement(XElement element, string friendlyName) => ring.Add(friendlyName, element.ToString(SaveOptions.DisableFormatting));
}
