namespace LLMEval.Core.Common;

public enum FailureKind { Invalid, NotFound, Conflict, Forbidden, Unavailable }

/// <summary>A refusal that a person can act on. <see cref="Code"/> is a key in the interface's Failures resources, <see cref="Args"/> fill its gaps; <see cref="Field"/> names the input that caused it.</summary>
public sealed record Failure(FailureKind Kind, string Code, params object[] Args)
{
    public string? Field { get; init; }

    public static Failure Invalid(string code, string? field = null, params object[] args) => new(FailureKind.Invalid, code, args) { Field = field };

    public static Failure NotFound(string code, params object[] args) => new(FailureKind.NotFound, code, args);

    public static Failure Forbidden(string permission) => new(FailureKind.Forbidden, "Forbidden", permission);

    public static Failure Conflict(string code, params object[] args) => new(FailureKind.Conflict, code, args);
}

/// <summary>Either a value or a <see cref="Common.Failure"/>, never both.</summary>
public readonly record struct Result<T>(T? Value, Failure? Failure)
{
    public bool IsOk => Failure is null;

    public static implicit operator Result<T>(T value) => new(value, null);

    public static implicit operator Result<T>(Failure failure) => new(default, failure);
}
