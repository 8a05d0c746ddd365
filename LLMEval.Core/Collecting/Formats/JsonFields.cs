using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using LLMEval.Core.Sessions;

namespace LLMEval.Core.Collecting.Formats;

/// <summary>Reads checked values out of JSON. The first value that will not do becomes <see cref="Problem"/>, with the path of its field; what is read after it does not matter.</summary>
internal sealed class JsonFields(TimeZoneInfo timeZone)
{
    private const int ShownOfValue = 80;
    private string? _list;
    private int _index;

    public Rejection? Problem { get; private set; }

    public void Reset()
    {
        Problem = null;
        _list = null;
    }

    /// <summary>Makes paths begin with the entry of a list, such as <c>messages[3].</c>; null ends it.</summary>
    public void Enter(string? list, int index = 0)
    {
        _list = list;
        _index = index;
    }

    /// <summary>The field's full path; an empty field is the entry itself.</summary>
    public string Path(string field) => _list is null ? field : field.Length == 0 ? Entry(_list, _index) : $"{Entry(_list, _index)}.{field}";

    public static string Entry(string list, int index) => string.Create(CultureInfo.InvariantCulture, $"{list}[{index}]");

    public void Reject(string code, params object[] args) => Problem ??= new Rejection(code, args);

    public void Require(object? value, string field, string expected)
    {
        if (value is null)
        {
            Reject(Rejection.Missing, Path(field), expected);
        }
    }

    public bool IsObject(JsonElement value, string field) => Is(value, JsonValueKind.Object, field, "object");

    public bool IsArray(JsonElement value, string field) => Is(value, JsonValueKind.Array, field, "array");

    /// <summary>An id: text within the length, without blanks at its ends (MySQL takes 'a' and 'a ' for one) or control characters.</summary>
    public string Id(JsonElement value, string field, int maxLength)
    {
        if (!Is(value, JsonValueKind.String, field, "string"))
        {
            return "";
        }
        var text = value.GetString()!;
        CheckId(text, field, maxLength);
        return text;
    }

    public void CheckId(string text, string field, int maxLength)
    {
        CheckLength(text, field, maxLength);
        if (text.Length == 0)
        {
            Reject(Rejection.Empty, Path(field), "text");
        }
        else if (char.IsWhiteSpace(text[0]) || char.IsWhiteSpace(text[^1]) || text.AsSpan().IndexOfAnyInRange('\0', '\u001f') >= 0)
        {
            Reject(Rejection.Untidy, Path(field), Shown(text));
        }
    }

    /// <summary>Text within the length; null stays null.</summary>
    public string? Text(JsonElement value, string field, int maxLength)
    {
        if (value.ValueKind == JsonValueKind.Null || !Is(value, JsonValueKind.String, field, "string"))
        {
            return null;
        }
        var text = value.GetString()!;
        CheckLength(text, field, maxLength);
        return text;
    }

    public void CheckLength(string text, string field, int maxLength)
    {
        if (text.Length > maxLength)
        {
            Reject(Rejection.TooLong, Path(field), text.Length, maxLength);
        }
    }

    /// <summary>Long text within a number of UTF-8 bytes; text that is far too big is never made into a string.</summary>
    public string Content(JsonElement value, string field, int maxBytes)
    {
        if (!Is(value, JsonValueKind.String, field, "string"))
        {
            return "";
        }
        var raw = JsonMarshal.GetRawUtf8Value(value).Length - 2;
        // An escape takes at most six bytes for one of content.
        if (raw / 6 > maxBytes)
        {
            Reject(Rejection.TooBig, Path(field), raw, maxBytes);
            return "";
        }
        var text = value.GetString()!;
        if (raw > maxBytes && Encoding.UTF8.GetByteCount(text) is var bytes && bytes > maxBytes)
        {
            Reject(Rejection.TooBig, Path(field), bytes, maxBytes);
        }
        return text;
    }

    /// <summary>The value's bytes as JSON; refused when they are too many with those before, so that no row grows past what a database takes in one packet.</summary>
    public int Bytes(JsonElement value, string field, int before, int maxBytes)
    {
        var bytes = JsonMarshal.GetRawUtf8Value(value).Length;
        if (before + (long)bytes > maxBytes)
        {
            Reject(Rejection.TooBig, Path(field), before + (long)bytes, maxBytes);
        }
        return bytes;
    }

    /// <summary>A whole number from 0; fractions are rounded. Null stays null.</summary>
    public int? Count(JsonElement value, string field)
    {
        if (value.ValueKind == JsonValueKind.Null || !Is(value, JsonValueKind.Number, field, "number"))
        {
            return null;
        }
        if (value.TryGetDouble(out var number) && number >= 0 && number <= int.MaxValue)
        {
            return (int)Math.Round(number);
        }
        Reject(Rejection.NumberOutOfRange, Path(field), Shown(value.GetRawText()));
        return null;
    }

    /// <summary>A UTC instant; null stays null.</summary>
    public DateTime? Time(JsonElement value, string field)
    {
        if (value.ValueKind == JsonValueKind.Null || !Is(value, JsonValueKind.String, field, "string"))
        {
            return null;
        }
        // The usual form is read without making a string; what has no offset or an odd form goes the longer way.
        var utc = value.TryGetDateTime(out var time) && time.Kind == DateTimeKind.Utc ? time
            : time.Kind == DateTimeKind.Local && value.TryGetDateTimeOffset(out var instant) ? instant.UtcDateTime
            : TimeText.ToUtc(value.GetString(), timeZone);
        return Instant(utc, value, null, field);
    }

    /// <summary>A UTC instant out of text.</summary>
    public DateTime? Time(string text, string field) => Instant(TimeText.ToUtc(text, timeZone), default, text, field);

    private DateTime? Instant(DateTime? utc, JsonElement value, string? text, string field)
    {
        if (utc is null)
        {
            Reject(Rejection.UnreadableTime, Path(field), Shown(text ?? value.GetString()!));
            return null;
        }
        if (utc < DateTime.UnixEpoch || utc.Value.Year > 9998)
        {
            Reject(Rejection.TimeOutOfRange, Path(field), Shown(text ?? value.GetString()!));
            return null;
        }
        // Both databases keep microseconds; a finer source must not look changed beside what is stored.
        return new DateTime(utc.Value.Ticks - (utc.Value.Ticks % TimeSpan.TicksPerMicrosecond), DateTimeKind.Utc);
    }

    /// <summary>A value as shown in a sentence: one line, not endless.</summary>
    public static string Shown(string text)
    {
        var length = text.Length > ShownOfValue ? ShownOfValue - (char.IsHighSurrogate(text[ShownOfValue - 1]) ? 1 : 0) : text.Length;
        var oneLine = string.Create(length, text, static (span, source) =>
        {
            for (var i = 0; i < span.Length; i++)
            {
                span[i] = char.IsControl(source[i]) ? ' ' : source[i];
            }
        });
        return text.Length > length ? oneLine + "…" : oneLine;
    }

    public static string Kind(JsonValueKind kind) => kind switch
    {
        JsonValueKind.Object => "object",
        JsonValueKind.Array => "array",
        JsonValueKind.String => "string",
        JsonValueKind.Number => "number",
        JsonValueKind.True or JsonValueKind.False => "boolean",
        _ => "null",
    };

    private bool Is(JsonElement value, JsonValueKind kind, string field, string expected)
    {
        if (value.ValueKind == kind)
        {
            return true;
        }
        Reject(Rejection.WrongType, Path(field), Kind(value.ValueKind), expected);
        return false;
    }
}
