using System.Globalization;
using System.Linq.Expressions;
using System.Text;
using LLMEval.Core.Common;
using LLMEval.Core.Data;

namespace LLMEval.Core.Samples;

/// <summary>
/// Which tags a sample must carry: <c>topic/sleep and not (persona or "two words")</c>. A name stands for that node of the tag tree and all below it. <c>and</c>, <c>or</c>, <c>not</c> in any case, also
/// <c>&amp;</c>, <c>|</c>, <c>!</c> and their Chinese words; <c>not</c> binds tighter than <c>and</c>, that tighter than <c>or</c>. Names next to each other mean <c>and</c>. A name with blanks, brackets or such a word in it
/// stands in double quotes.
/// </summary>
public abstract record TagExpression
{
    public const int MaxLength = 500;

    /// <summary>As deep as brackets may stand in each other.</summary>
    private const int MaxDepth = 30;

    private TagExpression()
    {
    }

    public sealed record Tag(string Path) : TagExpression;

    public sealed record Not(TagExpression Of) : TagExpression;

    public sealed record And(TagExpression Left, TagExpression Right) : TagExpression;

    public sealed record Or(TagExpression Left, TagExpression Right) : TagExpression;

    /// <summary>Null for an empty text. A refusal names the place, counted from 1, and what was expected there.</summary>
    public static Result<TagExpression?> Parse(string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return new Result<TagExpression?>(null, null);
        }
        if (text.Length > MaxLength)
        {
            return Failure.Invalid("TextTooLong", "tags", MaxLength);
        }
        var reader = new Reader(text);
        var parsed = reader.Or(0);
        return reader.Failure is { } failure ? failure
            : reader.IsAtEnd ? parsed
            : Failure.Invalid("TagExpressionEnd", "tags", reader.Place);
    }

    /// <summary>The path as an expression names it: in quotes where it would be read as something else.</summary>
    public static string Quote(string path) => Parse(path) is { Value: Tag { Path: var read } } && read == path ? path : $"\"{path.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    internal Expression<Func<Sample, bool>> Predicate(LLMEvalDbContext db)
    {
        var sample = Expression.Parameter(typeof(Sample), "s");
        return Expression.Lambda<Func<Sample, bool>>(Body(this, db, sample), sample);
    }

    private static Expression Body(TagExpression expression, LLMEvalDbContext db, ParameterExpression sample) => expression switch
    {
        Tag tag => Leaf(tag.Path, db, sample),
        Not not => Expression.Not(Body(not.Of, db, sample)),
        And and => Expression.AndAlso(Body(and.Left, db, sample), Body(and.Right, db, sample)),
        Or or => Expression.OrElse(Body(or.Left, db, sample), Body(or.Right, db, sample)),
        _ => throw new InvalidOperationException($"Unknown tag expression {expression}."),
    };

    // A list of ids and not an EXISTS: a rare tag is then found by its own index, a common one costs one look each.
    private static Expression Leaf(string path, LLMEvalDbContext db, ParameterExpression sample)
    {
        var carrying = db.SampleTags.Where(TagPath.AtOrBelow(path)).Select(t => t.SampleId);
        Expression<Func<Sample, bool>> leaf = s => carrying.Contains(s.Id);
        return new Rebind(leaf.Parameters[0], sample).Visit(leaf.Body);
    }

    private sealed class Rebind(ParameterExpression from, ParameterExpression to) : ExpressionVisitor
    {
        protected override Expression VisitParameter(ParameterExpression node) => node == from ? to : base.VisitParameter(node);
    }

    private sealed class Reader(string text)
    {
        private int _at;

        public Failure? Failure { get; private set; }

        public bool IsAtEnd => Peek() is null;

        public string Place => (_at + 1).ToString(CultureInfo.InvariantCulture);

        public TagExpression? Or(int depth)
        {
            var left = And(depth);
            while (left is not null && Take(Word.Or))
            {
                left = And(depth) is { } right ? new Or(left, right) : null;
            }
            return left;
        }

        private TagExpression? And(int depth)
        {
            var left = Single(depth);
            while (left is not null && Peek() is { } next && next is not (Word.Or or Word.Close))
            {
                Take(Word.And);
                left = Single(depth) is { } right ? new And(left, right) : null;
            }
            return left;
        }

        private TagExpression? Single(int depth)
        {
            if (depth > MaxDepth)
            {
                return Refuse("TagExpressionDeep");
            }
            if (Take(Word.Not))
            {
                return Single(depth + 1) is { } negated ? new Not(negated) : null;
            }
            if (Take(Word.Open))
            {
                var inner = Or(depth + 1);
                return inner is null || Take(Word.Close) ? inner : Refuse("TagExpressionBracket");
            }
            if (Peek() is not Word.Name)
            {
                return Refuse("TagExpressionName");
            }
            var path = TagPath.Clean(Name());
            return Failure is not null ? null : path.Length > 0 ? new Tag(path) : Refuse("TagExpressionName");
        }

        private TagExpression? Refuse(string code)
        {
            Failure ??= Failure.Invalid(code, "tags", Place);
            return null;
        }

        private enum Word { Name, And, Or, Not, Open, Close }

        private Word? Peek()
        {
            while (_at < text.Length && char.IsWhiteSpace(text[_at]))
            {
                _at++;
            }
            if (_at == text.Length)
            {
                return null;
            }
            return text[_at] switch
            {
                '(' or '\uff08' => Word.Open,
                ')' or '\uff09' => Word.Close,
                '&' => Word.And,
                '|' => Word.Or,
                '!' or '\uff01' => Word.Not,
                '"' => Word.Name,
                _ => Bare(_at).ToUpperInvariant() switch
                {
                    "AND" or "\u4e14" => Word.And,
                    "OR" or "\u6216" => Word.Or,
                    "NOT" or "\u975e" => Word.Not,
                    _ => Word.Name,
                },
            };
        }

        private bool Take(Word word)
        {
            if (Peek() != word)
            {
                return false;
            }
            _at += text[_at] is '&' or '|' && _at + 1 < text.Length && text[_at + 1] == text[_at] ? 2
                : "()\uff08\uff09&|!\uff01".Contains(text[_at], StringComparison.Ordinal) ? 1
                : Bare(_at).Length;
            return true;
        }

        private string Name()
        {
            if (text[_at] != '"')
            {
                var bare = Bare(_at);
                _at += bare.Length;
                return bare;
            }
            var name = new StringBuilder();
            for (var i = _at + 1; i < text.Length; i++)
            {
                if (text[i] != '"')
                {
                    name.Append(text[i]);
                }
                else if (i + 1 < text.Length && text[i + 1] == '"')
                {
                    name.Append('"');
                    i++;
                }
                else
                {
                    _at = i + 1;
                    return name.ToString();
                }
            }
            Refuse("TagExpressionQuote");
            return "";
        }

        private string Bare(int from)
        {
            var to = from;
            while (to < text.Length && !char.IsWhiteSpace(text[to]) && !"()\uff08\uff09&|!\uff01\"".Contains(text[to], StringComparison.Ordinal))
            {
                to++;
            }
            return text[from..to];
        }
    }
}
