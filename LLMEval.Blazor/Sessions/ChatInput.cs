namespace LLMEval.Blazor.Sessions;

/// <summary>Which conversation to show, where, and which window of time to mark in it.</summary>
/// <param name="MessageId">The message to begin at and to select; null begins at the first in the window, or at the beginning.</param>
public sealed record ChatInput(long SessionId, long? MessageId = null, DateTime? FromUtc = null, DateTime? ToUtc = null);

/// <summary>The list that a conversation was opened from.</summary>
/// <param name="FindAsync">The session after the given one, or before it; null at the end, and where the given one is not in the list.</param>
/// <param name="AddressOf">Where a session of the list is open.</param>
public sealed record ChatNeighbours(Func<long, bool, Task<long?>> FindAsync, Func<long, string> AddressOf);
