using System.Linq.Expressions;

namespace LLMEval.Core.Common;

/// <summary>Something that belongs to a business line and is only shown to those who may see it.</summary>
public interface IBelongsToBiz
{
    string BizCode { get; }
}

public static class Keyset
{
    /// <summary>Restricts a query to the business lines that the actor may see; every read of recorded traffic starts with it.</summary>
    public static IQueryable<T> Visible<T>(this IQueryable<T> source, Actor actor) where T : class, IBelongsToBiz =>
        actor.BizCodes is { } codes ? source.Where(row => codes.Contains(row.BizCode)) : source;

    /// <summary>Rows strictly past (key, id) in the given direction, written as `key &lt; @k OR (key = @k AND id &lt; @id)`: MariaDB does not use an index for row-value comparison.</summary>
    public static IQueryable<T> Past<T, TKey>(this IQueryable<T> source, Expression<Func<T, TKey>> key, Expression<Func<T, long>> id, TKey afterKey, long afterId, bool descending)
    {
        var row = key.Parameters[0];
        var idBody = new Rebind(id.Parameters[0], row).Visit(id.Body);
        var k = Captured(afterKey);
        var i = Captured(afterId);
        var beyond = descending ? Less(key.Body, k) : Less(k, key.Body);
        var tie = Expression.AndAlso(Expression.Equal(key.Body, k), descending ? Expression.LessThan(idBody, i) : Expression.GreaterThan(idBody, i));
        return source.Where(Expression.Lambda<Func<T, bool>>(Expression.OrElse(beyond, tie), row));
    }

    /// <summary>Orders by key, then id, both in the given direction: a total order.</summary>
    public static IOrderedQueryable<T> InOrder<T, TKey>(this IQueryable<T> source, Expression<Func<T, TKey>> key, Expression<Func<T, long>> id, bool descending) =>
        descending ? source.OrderByDescending(key).ThenByDescending(id) : source.OrderBy(key).ThenBy(id);

    private static BinaryExpression Less(Expression left, Expression right) =>
        left.Type == typeof(string)
            ? Expression.LessThan(Expression.Call(typeof(string), nameof(string.Compare), null, left, right), Expression.Constant(0))
            : Expression.LessThan(left, right);

    // A field of a captured object becomes a SQL parameter; a bare constant would make a new query plan for each page.
    private static MemberExpression Captured<TValue>(TValue value) => Expression.Field(Expression.Constant(new Box<TValue>(value)), nameof(Box<TValue>.Value));

    private sealed class Box<TValue>(TValue value)
    {
        public readonly TValue Value = value;
    }

    private sealed class Rebind(ParameterExpression from, ParameterExpression to) : ExpressionVisitor
    {
        protected override Expression VisitParameter(ParameterExpression node) => node == from ? to : base.VisitParameter(node);
    }
}
