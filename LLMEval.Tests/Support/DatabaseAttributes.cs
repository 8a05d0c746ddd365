using System.Reflection;
using LLMEval.Core.Data;
using Xunit.Sdk;

namespace LLMEval.Tests.Support;

/// <summary>Runs a theory on SQLite; its first parameter is the provider, further ones are given here.</summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public sealed class OnSqliteAttribute(params object[] more) : DataAttribute
{
    public override IEnumerable<object[]> GetData(MethodInfo testMethod) => [[DatabaseProvider.Sqlite, .. more]];
}

/// <summary>Runs a theory on a real MariaDB that the tests start themselves; skipped aloud where none is installed, a failure in CI.</summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public sealed class OnMySqlAttribute(params object[] more) : DataAttribute
{
    public override string? Skip
    {
        get => Tools.SkipWithout(Tools.MariaDb, "MariaDB");
        set { }
    }

    public override IEnumerable<object[]> GetData(MethodInfo testMethod) => [[DatabaseProvider.MySql, .. more]];
}

/// <summary>A fact that reads a file of the shared real data; skipped aloud where that folder is absent.</summary>
public sealed class RealDataFactAttribute : FactAttribute
{
    public RealDataFactAttribute() => Skip = Tools.SharedData is null ? "the folder shared/data is not beside the project" : null!;
}

/// <summary>A theory that reads a file of the shared real data; skipped aloud where that folder is absent.</summary>
public sealed class RealDataTheoryAttribute : TheoryAttribute
{
    public RealDataTheoryAttribute() => Skip = Tools.SharedData is null ? "the folder shared/data is not beside the project" : null!;
}

/// <summary>A fact that drives a real Chromium; skipped aloud where none is installed, a failure in CI.</summary>
public sealed class BrowserFactAttribute : FactAttribute
{
    public BrowserFactAttribute() => Skip = Tools.SkipWithout(Tools.Chromium, "Chromium")!;
}

/// <summary>A theory that drives a real Chromium; skipped aloud where none is installed, a failure in CI.</summary>
public sealed class BrowserTheoryAttribute : TheoryAttribute
{
    public BrowserTheoryAttribute() => Skip = Tools.SkipWithout(Tools.Chromium, "Chromium")!;
}
