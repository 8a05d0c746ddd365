namespace LLMEval.Blazor.Sessions;

/// <summary>Which conversation to show, where, and which window of time to mark in it.</summary>
/// <param name="MessageId">The message to begin at and to select; null begins at the first in the window, or at the beginning.</param>
public sealed record ChatInput(long SessionId, long? MessageId = null, DateTime? FromUtc = null, DateTime? ToUtc = null);
