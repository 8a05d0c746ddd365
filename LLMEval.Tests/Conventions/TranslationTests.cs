using System.Collections;
using System.Globalization;
using System.Reflection;
using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using LLMEval.Core.Demo;
using LLMEval.Core.Sessions;
using LLMEval.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace LLMEval.Tests.Conventions;

/// <summary>Every method of every <c>*Queries</c> class, with every filter, sort order and page direction, runs on both databases over the demo's rows: what EF Core cannot translate, throws.</summary>
public sealed class TranslationTests
{
    [Theory, OnSqlite, OnMySql]
    public async Task EveryQuery_WithEveryFilterAndOrder_Translates(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        await using var app = await TestApp.StartAsync(database);
        await app.AddAccountAsync("lin@example.com", RoleNames.Admin);
        var demo = await app.Get<RunDemo>().ExecuteAsync(new DemoRequest(), database.Admin, null, CancellationToken.None);
        Assert.Null(demo.Failure);
        var arguments = new Samples(database);
        var methods = typeof(SessionQueries).Assembly.GetTypes().Where(t => t is { IsPublic: true, IsClass: true } && t.Name.EndsWith("Queries", StringComparison.Ordinal))
            .SelectMany(t => t.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)).Where(m => typeof(Task).IsAssignableFrom(m.ReturnType)).ToList();
        Assert.InRange(methods.Count, 40, 1000);
        var problems = new List<string>();

        foreach (var method in methods)
        {
            await using var scope = app.Services.CreateAsyncScope();
            var queries = scope.ServiceProvider.GetRequiredService(method.DeclaringType!);
            foreach (var call in arguments.CallsOf(method))
            {
                try
                {
                    await (Task)method.Invoke(queries, call)!;
                }
                catch (Exception e) when (e is not OutOfMemoryException)
                {
                    problems.Add($"{method.DeclaringType!.Name}.{method.Name}({string.Join(", ", call)}): {(e as TargetInvocationException)?.InnerException ?? e}");
                    break;
                }
            }
        }

        Assert.True(problems.Count == 0, string.Join("\n\n", problems));
    }

    /// <summary>Values for parameters and properties, by their type: first the one that is used while another varies.</summary>
    private sealed class Samples(TestDatabase database)
    {
        private static readonly NullabilityInfoContext Nullability = new();

        public IEnumerable<object?[]> CallsOf(MethodInfo method)
        {
            var sorts = method.DeclaringType!.Assembly.GetTypes().Where(t => t.Namespace == method.DeclaringType.Namespace && t.IsAbstract && t.IsSealed && t.Name.EndsWith("Sort", StringComparison.Ordinal))
                .SelectMany(t => t.GetFields(BindingFlags.Public | BindingFlags.Static)).Where(f => f.IsLiteral).Select(f => (string)f.GetRawConstantValue()!).ToList();
            // All combinations: a filter and an order are each translated alone and together.
            IEnumerable<object?[]> calls = [[]];
            foreach (var parameter in method.GetParameters())
            {
                var values = (parameter.ParameterType == typeof(PageRequest) ? Pages(sorts) : Of(parameter.ParameterType, IsNullable(Nullability.Create(parameter)))).ToList();
                calls = calls.SelectMany(call => values.Select(value => (object?[])[.. call, value]));
            }
            return calls;
        }

        private static IEnumerable<object> Pages(List<string> sorts) =>
            from sort in sorts.Append(null)
            from isDescending in new[] { true, false }
            from request in new PageRequest[] { new(), new(After: Cursor.At(DateTime.MaxValue.AddDays(-1), 5)), new(Before: Cursor.At(3, 5)), new(IsLast: true) }
            select (object)(request with { SortBy = sort, Descending = isDescending });

        private IEnumerable<object?> Of(Type type, bool isNullable)
        {
            if (isNullable)
            {
                yield return null;
            }
            foreach (var value in Known(Nullable.GetUnderlyingType(type) ?? type))
            {
                yield return value;
            }
        }

        private IEnumerable<object?> Known(Type type)
        {
            if (type == typeof(Actor))
            {
                return [database.Admin, database.Scoped("companion", "social")];
            }
            if (type == typeof(CancellationToken))
            {
                return [CancellationToken.None];
            }
            if (type == typeof(string))
            {
                return ["9101"];
            }
            if (type == typeof(bool))
            {
                return [true];
            }
            if (type == typeof(DateTime))
            {
                return [new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc)];
            }
            if (type.IsEnum)
            {
                return Enum.GetValues(type).Cast<object>();
            }
            if (type.IsPrimitive)
            {
                return [Convert.ChangeType(1, type, CultureInfo.InvariantCulture)];
            }
            if (type.IsGenericType && typeof(IEnumerable).IsAssignableFrom(type))
            {
                var element = type.GetGenericArguments()[0];
                return Known(element).Take(1).Select(value => ListOf(element, value));
            }
            return Records(type);
        }

        /// <summary>A record as it is by default, with each property set to each of its values, and with all set.</summary>
        private IEnumerable<object?> Records(Type type)
        {
            var constructor = type.GetConstructors().OrderBy(c => c.GetParameters().Length).FirstOrDefault();
            object Make() => constructor is null || constructor.GetParameters().Length == 0
                ? Activator.CreateInstance(type)!
                : constructor.Invoke([.. constructor.GetParameters().Select(p => Of(p.ParameterType, IsNullable(Nullability.Create(p))).First())]);
            yield return Make();
            var all = Make();
            foreach (var property in type.GetProperties().Where(p => p.CanWrite))
            {
                foreach (var value in Known(Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType))
                {
                    var one = Make();
                    property.SetValue(one, value);
                    property.SetValue(all, value);
                    yield return one;
                }
            }
            yield return all;
        }

        private static IList ListOf(Type element, object? value)
        {
            var list = (IList)Activator.CreateInstance(typeof(List<>).MakeGenericType(element))!;
            list.Add(value);
            return list;
        }

        private static bool IsNullable(NullabilityInfo info) => info.WriteState == NullabilityState.Nullable;
    }
}
