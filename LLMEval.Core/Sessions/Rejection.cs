using System.Globalization;

namespace LLMEval.Core.Sessions;

/// <summary>Why a line or a session was not taken. <see cref="Reason"/> is the English sentence that files and the API carry; pages translate <see cref="Code"/> and <see cref="Args"/> themselves.</summary>
public sealed record Rejection(string Code, params object[] Args)
{
    public const string OutOfScope = "RejectedOutOfScope";
    public const string LineTooLong = "RejectedLineTooLong";
    public const string NotUtf8 = "RejectedNotUtf8";
    public const string NotUnicode = "RejectedNotUnicode";
    public const string NotJson = "RejectedNotJson";
    public const string WrongType = "RejectedWrongType";
    public const string Missing = "RejectedMissing";
    public const string Empty = "RejectedEmpty";
    public const string Untidy = "RejectedUntidy";
    public const string TooLong = "RejectedTooLong";
    public const string TooBig = "RejectedTooBig";
    public const string TooMany = "RejectedTooMany";
    public const string UnknownSender = "RejectedUnknownSender";
    public const string Repeated = "RejectedRepeated";
    public const string UnreadableTime = "RejectedUnreadableTime";
    public const string TimeOutOfRange = "RejectedTimeOutOfRange";
    public const string NumberOutOfRange = "RejectedNumberOutOfRange";
    public const string Unexpected = "RejectedUnexpected";
    public const string OffScale = "RejectedOffScale";
    public const string UnknownMessage = "RejectedUnknownMessage";
    public const string NotOfBot = "RejectedNotOfBot";
    public const string WrongCells = "RejectedWrongCells";
    public const string BadQuotes = "RejectedBadQuotes";
    public const string BodyNotJson = "RejectedBodyNotJson";
    public const string UnknownField = "RejectedUnknownField";

    /// <summary>The sentence of each code, with its gaps.</summary>
    public static IReadOnlyDictionary<string, string> Sentences { get; } = new Dictionary<string, string>
    {
        [OutOfScope] = "biz_code is '{0}'; you may not import into this business line",
        [LineTooLong] = "the line is longer than {0:N0} bytes",
        [NotUtf8] = "the line is not UTF-8: byte {0:N0} does not fit",
        [NotUnicode] = "the line holds half a surrogate pair, which is no character",
        [NotJson] = "the line is not JSON: at byte {0:N0}, {1}",
        [WrongType] = "{0} is of type {1}; expected {2}",
        [Missing] = "{0} is missing; expected {1}",
        [Empty] = "{0} is empty; expected {1}",
        [Untidy] = "{0} is '{1}'; expected no blank at its ends and no control character",
        [TooLong] = "{0} has {1:N0} characters; expected at most {2:N0}",
        [TooBig] = "{0} has {1:N0} bytes; expected at most {2:N0}",
        [TooMany] = "{0} has {1:N0} entries; expected at most {2:N0}",
        [UnknownSender] = "{0} is '{1}'; expected user, bot, system or tool",
        [Repeated] = "{0} is '{1}', which {2} has already; expected each id once in a session",
        [UnreadableTime] = "{0} is '{1}'; expected a time such as 2024-11-11T23:02:11+08:00 or a date",
        [TimeOutOfRange] = "{0} is '{1}'; expected a year from 1970 to 9998",
        [NumberOutOfRange] = "{0} is {1}; expected a whole number from 0 to 2147483647",
        [Unexpected] = "{0} is '{1}'; expected {2}",
        [OffScale] = "score is {0}; expected a number from {1} to {2}, as the scale is {3}",
        [UnknownMessage] = "msg_id is '{0}'; expected a message of session '{1}' of the business line '{2}'",
        [NotOfBot] = "msg_id is '{0}', a message of the sender {1}; expected one of a bot",
        [WrongCells] = "the line has {0:N0} cells; expected {1:N0}, as in the first line",
        [BadQuotes] = "the line has a quoted cell that does not end, or goes on after its closing quote; expected quotes inside a cell to be doubled",
        [BodyNotJson] = "the body is not JSON: in line {0:N0} at byte {1:N0}, {2}",
        [UnknownField] = "there is no field '{0}' here; expected {1}",
    };

    public string Reason => string.Format(CultureInfo.InvariantCulture, Sentences[Code], Args);
}
