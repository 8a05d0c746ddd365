using System.Text.Json;
using LLMEval.Core.Common;
using LLMEval.Core.Targets.Clients;
using LLMEval.Core.Targets.Replay;

namespace LLMEval.Core.Targets;

/// <summary>Makes what answers from the snapshot in a plan.</summary>
public sealed class TargetFactory(OpenAIClients openAI, RetrievalBot bot, TargetThrottle throttle, TimeProvider clock)
{
    public IChatTarget Create(TargetSnapshot snapshot) => snapshot.Connector switch
    {
        Connector.Recorded => new RecordedTarget(snapshot),
        Connector.Retrieval => new ModelTarget(snapshot, _ => Task.FromResult(InProcess(snapshot)), throttle, clock),
        Connector.OpenAI => new ModelTarget(snapshot, token => openAI.ConnectAsync(snapshot, token), throttle, clock),
        _ => throw new ArgumentOutOfRangeException(nameof(snapshot), snapshot.Connector, null),
    };

    private Connection InProcess(TargetSnapshot snapshot) => new(bot, transcript =>
    {
        var parameters = ChatParameters.Effective(snapshot.Parameters, transcript.Seed);
        var options = ChatParameters.ToOptions(parameters, snapshot.RequestModel);
        if (transcript.SourceMessageId is { } source)
        {
            (options.AdditionalProperties ??= [])[RetrievalBot.SourceMessageId] = source;
        }
        var asked = new { model = snapshot.RequestModel, messages = transcript.Messages.Select(m => new { role = m.Role.Value, content = m.Text }), parameters };
        HttpRecorder.Note(JsonSerializer.Serialize(asked, Json.Stored));
        return options;
    }, null);
}
