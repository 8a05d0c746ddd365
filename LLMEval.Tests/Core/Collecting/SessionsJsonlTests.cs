using System.Text;
using LLMEval.Core.Collecting.Formats;
using LLMEval.Core.Sessions;
using static LLMEval.Tests.Core.Collecting.Importing;

namespace LLMEval.Tests.Core.Collecting;

public sealed class SessionsJsonlTests
{
    [Theory]
    [InlineData("""{"session_id":"s"x}""", "the line is not JSON: at byte 17, 'x' is invalid after a value. Expected either ',', '}', or ']'")]
    [InlineData("[]", "the line is of type array; expected object")]
    [InlineData("""{"biz_code":"b","robot_id":"r","user_id":"u","messages":[]}""", "session_id is missing; expected text")]
    [InlineData("""{"session_id":"s","robot_id":"r","user_id":"u","messages":[]}""", "biz_code is missing; expected text")]
    [InlineData("""{"session_id":"s","biz_code":"b","robot_id":"r","user_id":"u"}""", "messages is missing; expected array")]
    [InlineData("""{"session_id":"","biz_code":"b","robot_id":"r","user_id":"u","messages":[]}""", "session_id is empty; expected text")]
    [InlineData("""{"session_id":"s ","biz_code":"b","robot_id":"r","user_id":"u","messages":[]}""", "session_id is 's '; expected no blank at its ends and no control character")]
    [InlineData("""{"session_id":7,"biz_code":"b","robot_id":"r","user_id":"u","messages":[]}""", "session_id is of type number; expected string")]
    [InlineData("""{"session_id":"s","biz_code":null,"robot_id":"r","user_id":"u","messages":[]}""", "biz_code is of type null; expected string")]
    [InlineData("""{"session_id":"s","biz_code":"b","robot_id":"r","user_id":"u","messages":{}}""", "messages is of type object; expected array")]
    [InlineData("""{"session_id":"s","biz_code":"b","robot_id":"r","user_id":"u","messages":[3]}""", "messages[0] is of type number; expected object")]
    [InlineData("""{"session_id":"s","biz_code":"b","robot_id":"r","user_id":"u","tags":["a",5],"messages":[]}""", "tags[1] is of type number; expected string")]
    [InlineData("""{"session_id":"s","biz_code":"b","robot_id":"r","user_id":"u","started_at":"yesterday","messages":[]}""", "started_at is 'yesterday'; expected a time such as 2024-11-11T23:02:11+08:00 or a date")]
    [InlineData("""{"session_id":"s","biz_code":"b","robot_id":"r","user_id":"u","messages":[],"memory":[{"memory_id":"k","content":"x"},{"memory_id":"k","content":"y"}]}""", "memory[1].memory_id is 'k', which memory[0] has already; expected each id once in a session")]
    [InlineData("""{"session_id":"s","biz_code":"b","robot_id":"r","user_id":"u","messages":[],"memory":[{"content":"x"}]}""", "memory[0].memory_id is missing; expected text")]
    public async Task Read_BadSession_NamesFieldAndExpectation(string line, string reason)
    {
        var read = Assert.Single(await ReadAsync(line));

        Assert.Equal(reason, read.Rejection?.Reason);
        Assert.Equal(line, read.Raw);
    }

    [Theory]
    [InlineData("""{"sender_type":"user","content":"x"}""", "messages[1].msg_id is missing; expected text")]
    [InlineData("""{"msg_id":"m-1","sender_type":"user","content":"x"}""", "messages[1].msg_id is 'm-1', which messages[0] has already; expected each id once in a session")]
    [InlineData("""{"msg_id":"m","sender_type":"robot","content":"x"}""", "messages[1].sender_type is 'robot'; expected user, bot, system or tool")]
    [InlineData("""{"msg_id":"m","content":"x"}""", "messages[1].sender_type is missing; expected user, bot, system or tool")]
    [InlineData("""{"msg_id":"m","sender_type":"user"}""", "messages[1].content is missing; expected text")]
    [InlineData("""{"msg_id":"m","sender_type":"user","content":["x"]}""", "messages[1].content is of type array; expected string")]
    [InlineData("""{"msg_id":"m","sender_type":"user","content":"x","send_time":1700000000}""", "messages[1].send_time is of type number; expected string")]
    [InlineData("""{"msg_id":"m","sender_type":"user","content":"x","send_time":"11/12/2024"}""", "messages[1].send_time is '11/12/2024'; expected a time such as 2024-11-11T23:02:11+08:00 or a date")]
    [InlineData("""{"msg_id":"m","sender_type":"user","content":"x","send_time":"1969-12-31T23:59:59Z"}""", "messages[1].send_time is '1969-12-31T23:59:59Z'; expected a year from 1970 to 9998")]
    [InlineData("""{"msg_id":"m","sender_type":"user","content":"x","send_time":"9999-01-01T00:00:00Z"}""", "messages[1].send_time is '9999-01-01T00:00:00Z'; expected a year from 1970 to 9998")]
    [InlineData("""{"msg_id":"m","sender_type":"user","content":"x\ud83d"}""", "the line holds half a surrogate pair, which is no character")]
    [InlineData("""{"msg_id":"m","sender_type":"user","content":"x","more":"\ud83d"}""", "the line holds half a surrogate pair, which is no character")]
    [InlineData("""{"msg_id":"m","sender_type":"bot","content":"x","generation":{"latency_ms":-1}}""", "messages[1].generation.latency_ms is -1; expected a whole number from 0 to 2147483647")]
    [InlineData("""{"msg_id":"m","sender_type":"bot","content":"x","generation":{"params":[]}}""", "messages[1].generation.params is of type array; expected object")]
    [InlineData("""{"msg_id":"m","sender_type":"bot","content":"x","generation":{"memory_ids":["k",null]}}""", "messages[1].generation.memory_ids[1] is of type null; expected string")]
    public async Task Read_BadMessage_NamesFieldAndExpectation(string message, string reason)
    {
        var read = Assert.Single(await ReadAsync(Session("s-1", Message("m-1", "hi"), message)));

        Assert.Equal(reason, read.Rejection?.Reason);
    }

    [Fact]
    public async Task Read_TooLongIds_AreRejected()
    {
        var lines = await ReadAsync(Session(new string('s', 129)) + "\n" + Session("s", Message(new string('m', 129), "x")));

        Assert.Equal(["session_id has 129 characters; expected at most 128", "messages[0].msg_id has 129 characters; expected at most 128"], lines.Select(l => l.Rejection?.Reason));
    }

    [Fact]
    public async Task Read_ContentAtAndOverLimit_OnlyTheLatterIsRejected()
    {
        var limits = Options.Limits with { MaxContentBytes = 30 };

        var lines = await ReadAsync(Session("s-1", Message("m", new string('睡', 10))) + "\n" + Session("s-2", Message("m", new string('睡', 10) + "x")), limits);

        Assert.Equal([null, "messages[0].content has 31 bytes; expected at most 30"], lines.Select(l => l.Rejection?.Reason));
    }

    [Fact]
    public async Task Read_TenMegabyteMessage_IsRejectedAndReadingGoesOn()
    {
        var lines = await ReadAsync(Session("s-1", Message("m", new string('x', 10_000_000))) + "\n" + Session("s-2", Message("m", "hi")));

        Assert.Equal(["messages[0].content has 10,000,000 bytes; expected at most 65,536", null], lines.Select(l => l.Rejection?.Reason));
        Assert.Equal("s-2", lines[1].Session?.SessionId);
    }

    [Theory]
    [InlineData(200_000)]
    [InlineData(2_000)]
    public async Task Read_LineOverLimit_IsRejectedAndReadingGoesOn(int length)
    {
        var limits = Options.Limits with { MaxLineBytes = 1_000 };

        var lines = await ReadAsync(Session("s-1", Message("m", "hi")) + "\n" + new string('x', length) + "\n" + Session("s-2", Message("m", "hi")) + "\n" + new string('y', length), limits);

        Assert.Equal([null, "the line is longer than 1,000 bytes", null, "the line is longer than 1,000 bytes"], lines.Select(l => l.Rejection?.Reason));
        Assert.Equal([1L, 2, 3, 4], lines.Select(l => l.Number));
    }

    [Fact]
    public async Task Read_TooManyMessages_IsRejected()
    {
        var read = Assert.Single(await ReadAsync(Session("s-1", Message("m-1", "a"), Message("m-2", "b")), Options.Limits with { MaxMessages = 1 }));

        Assert.Equal("messages has 2 entries; expected at most 1", read.Rejection?.Reason);
    }

    [Fact]
    public async Task Read_NotUtf8_NamesTheByte()
    {
        var bytes = Encoding.UTF8.GetBytes(Session("s-1"));
        bytes[15] = 0xff;

        var read = Assert.Single(await ReadAsync(bytes));

        Assert.Equal("the line is not UTF-8: byte 15 does not fit", read.Rejection?.Reason);
    }

    [Fact]
    public async Task Read_BomBlankLinesAndCarriageReturns_ArePassedOver()
    {
        var lines = await ReadAsync("\uFEFF" + Session("s-1") + "\r\n\r\n  \n" + Session("s-2") + "\r\n");

        Assert.Equal([(1L, "s-1"), (4, "s-2")], lines.Select(l => (l.Number, l.Session!.SessionId)));
    }

    [Theory]
    [InlineData("2024-11-11T23:02:11+08:00", "2024-11-11T15:02:11")]
    [InlineData("2024-11-11T15:02:11Z", "2024-11-11T15:02:11")]
    [InlineData("2024-11-11T23:02:11", "2024-11-11T15:02:11")]
    [InlineData("2024-11-11 23:02:11", "2024-11-11T15:02:11")]
    [InlineData("2024-11-11 23:02:11+08:00", "2024-11-11T15:02:11")]
    [InlineData("2024-11-11T23:02", "2024-11-11T15:02:00")]
    [InlineData("2023-04-27", "2023-04-26T16:00:00")]
    public async Task Read_TimesWithAndWithoutOffset_AreInstants(string text, string utc)
    {
        var read = Assert.Single(await ReadAsync(Session("s-1", Message("m", "x", more: $",\"send_time\":\"{text}\""))));

        Assert.Equal(DateTime.Parse(utc, System.Globalization.CultureInfo.InvariantCulture), read.Session!.Messages[0].SentAt);
        Assert.Equal(DateTimeKind.Utc, read.Session.Messages[0].SentAt!.Value.Kind);
    }

    [Fact]
    public async Task Read_FieldsWithoutColumn_AreKept()
    {
        var read = Assert.Single(await ReadAsync(SessionWith(
            "s-1", ""","lang":"zh","robot_name":"Lin","system_prompt":"be kind","meta":{ "a": "\u7761" },"tags":["x","y","x"],"memory":[{"memory_id":"k","content":"c","kind":"hobby","updated_at":null}]""",
            Message("m-1", "x", "bot", ""","mood":1,"generation":{"model":"m","prompt_version":7,"params":{"t": 0.8},"memory_ids":["k"],"latency_ms":812,"usage":{"input_tokens":4,"output_tokens":9,"total":13},"seed":5}"""))));
        var session = read.Session!;

        Assert.Equal(("zh", "Lin", "be kind", """{"meta":{"a":"睡"}}"""), (session.Language, session.RobotName, session.SystemPrompt, session.ExtraJson));
        Assert.Equal(["x", "y"], session.Tags);
        Assert.Equal("""{"kind":"hobby"}""", session.Memory[0].ExtraJson);
        Assert.Equal("""{"mood":1,"generation":{"usage":{"input_tokens":4,"output_tokens":9,"total":13},"seed":5}}""", session.Messages[0].ExtraJson);
        Assert.Equal(
            new GenerationRecord { Model = "m", PromptVersion = "7", ParametersJson = """{"t":0.8}""", MemoryIdsJson = """["k"]""", LatencyMs = 812, InputTokens = 4, OutputTokens = 9 },
            session.Messages[0].Generation);
    }

    [Fact]
    public async Task Read_EndlessStream_HoldsOneLineAtATime()
    {
        var line = Encoding.UTF8.GetBytes(Session("s-1", [.. Enumerable.Range(0, 200).Select(i => Message($"m-{i}", new string('x', 400)))]) + "\n");
        await using var stream = new RepeatingStream(line, times: 3_000);
        var held = new List<WeakReference>();
        long furthestAhead = 0;

        await foreach (var next in SessionsJsonl.ReadAsync(stream, Options.Limits, _ => null, CancellationToken.None))
        {
            Assert.Null(next.Rejection);
            held.Add(new WeakReference(next.Session));
            furthestAhead = Math.Max(furthestAhead, stream.Taken - ((long)line.Length * held.Count));
        }
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();

        // About 270 MB went through; what the process holds is no measure while other tests run beside this one.
        Assert.Equal(3_000, held.Count);
        Assert.InRange(held.Count(r => r.IsAlive), 0, 2);
        Assert.InRange(furthestAhead, 0, 4L * line.Length);
    }

    [Fact]
    public async Task Read_SessionOfTwoHundredThousandMessages_IsTaken()
    {
        var read = Assert.Single(await ReadAsync(Session("s-1", [.. Enumerable.Range(0, 200_000).Select(i => Message($"m-{i}", "x"))])));

        Assert.Equal(200_000, read.Session?.Messages.Count);
    }

    private sealed class RepeatingStream(byte[] part, int times) : MemoryStream
    {
        private long _at;

        public long Taken => _at;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var left = ((long)part.Length * times) - _at;
            var from = (int)(_at % part.Length);
            var length = (int)Math.Min(Math.Min(buffer.Length, part.Length - from), left);
            part.AsMemory(from, length).CopyTo(buffer);
            _at += length;
            return ValueTask.FromResult(length);
        }
    }
}
