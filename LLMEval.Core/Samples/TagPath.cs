using System.Linq.Expressions;
using LLMEval.Core.Common;

namespace LLMEval.Core.Samples;

/// <summary>A tag's place in the tree, levels separated by a slash.</summary>
public static class TagPath
{
    public const int MaxTags = 20;

    /// <summary>Without empty levels and blanks around them; empty when nothing is left.</summary>
    public static string Clean(string tag) => string.Join('/', tag.Split('/', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));

    /// <summary>Cleaned, each once; a refusal where there are too many or one is too long.</summary>
    public static Result<IReadOnlyList<string>> CleanAll(IEnumerable<string> tags, string field)
    {
        var clean = tags.Select(Clean).Where(t => t.Length > 0).Distinct(StringComparer.Ordinal).ToList();
        return clean.Count > MaxTags || clean.Exists(t => t.Length > SampleTag.MaxLength) ? Failure.Invalid("SampleTags", field, MaxTags, SampleTag.MaxLength) : clean;
    }

    /// <summary>Known tags that contain what was typed, and that itself in front where it is new.</summary>
    public static IEnumerable<string> Offered(IReadOnlyList<string> known, string? typed, int most)
    {
        var path = Clean(typed ?? "");
        var found = known.Where(t => t.Contains(path, StringComparison.OrdinalIgnoreCase)).Take(most);
        return path.Length == 0 || known.Contains(path) ? found : found.Prepend(path);
    }

    /// <summary>Names n with From ≤ n &lt; To are those below the node, in order of code points: '0' follows '/'.</summary>
    public static (string From, string To) Below(string path) => (path + "/", path + "0");

    /// <summary>Tags at the node or below it, as a condition that databases understand.</summary>
    internal static Expression<Func<SampleTag, bool>> AtOrBelow(string path) => AtOrBelow<SampleTag>(path);

    /// <typeparam name="T">A row with the tag as its <c>Name</c>.</typeparam>
    internal static Expression<Func<T, bool>> AtOrBelow<T>(string path)
    {
        var (from, to) = Below(path);
        var below = Between<T>(from, to);
        var at = Expression.Equal(Expression.Property(below.Parameters[0], nameof(SampleTag.Name)), Expression.Constant(path));
        return Expression.Lambda<Func<T, bool>>(Expression.OrElse(at, below.Body), below.Parameters[0]);
    }

    /// <summary>Tags whose name n has From ≤ n &lt; To.</summary>
    internal static Expression<Func<SampleTag, bool>> Between(string from, string to) => Between<SampleTag>(from, to);

    // Only string.Compare without a culture becomes SQL.
    private static Expression<Func<T, bool>> Between<T>(string from, string to)
    {
        var tag = Expression.Parameter(typeof(T), "t");
        var name = Expression.Property(tag, nameof(SampleTag.Name));
        return Expression.Lambda<Func<T, bool>>(
            Expression.AndAlso(
                Expression.GreaterThanOrEqual(Expression.Call(typeof(string), nameof(string.Compare), null, name, Expression.Constant(from)), Expression.Constant(0)),
                Expression.LessThan(Expression.Call(typeof(string), nameof(string.Compare), null, name, Expression.Constant(to)), Expression.Constant(0))),
            tag);
    }

    /// <summary>The level directly below the node that the tag belongs to; the node is empty for the top level.</summary>
    public static string Branch(string tag, string node)
    {
        var end = tag.IndexOf('/', node.Length > 0 ? node.Length + 1 : 0);
        return end < 0 ? tag : tag[..end];
    }

    public static bool IsAtOrBelow(string tag, string path) => tag == path || tag.StartsWith(path + "/", StringComparison.Ordinal);
}
