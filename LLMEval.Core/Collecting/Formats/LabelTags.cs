using System.Text;

namespace LLMEval.Core.Collecting.Formats;

/// <summary>Tags in one cell, between semicolons; a semicolon or a backslash of a tag itself has a backslash in front.</summary>
internal static class LabelTags
{
    public static string Join(IEnumerable<string> tags) =>
        string.Join("; ", tags.Select(t => t.Replace(@"\", @"\\", StringComparison.Ordinal).Replace(";", @"\;", StringComparison.Ordinal)));

    public static List<string> Split(string cell)
    {
        var tags = new List<string>();
        var tag = new StringBuilder();
        for (var i = 0; i < cell.Length; i++)
        {
            if (cell[i] == ';')
            {
                tags.Add(tag.ToString());
                tag.Clear();
                continue;
            }
            if (cell[i] == '\\' && i + 1 < cell.Length && cell[i + 1] is ';' or '\\')
            {
                i++;
            }
            tag.Append(cell[i]);
        }
        tags.Add(tag.ToString());
        return tags;
    }
}
