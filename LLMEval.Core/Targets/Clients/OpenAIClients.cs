using System.ClientModel;
using System.ClientModel.Primitives;
using System.Text;
using LLMEval.Core.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.AI;
using OpenAI;
using OpenAI.Chat;

namespace LLMEval.Core.Targets.Clients;

/// <summary>Connects to OpenAI and to anything that speaks its chat completions.</summary>
public sealed class OpenAIClients(IDbContextFactory<LLMEvalDbContext> contexts, SecretBox secrets, SelfAddress self, IHttpClientFactory http)
{
    public const string HttpClientName = "targets";

    /// <summary>For this server's own address, which no proxy may stand before.</summary>
    public const string SelfHttpClientName = "targets-self";

    public async Task<Connection> ConnectAsync(TargetSnapshot target, CancellationToken cancellationToken)
    {
        var isSelf = SelfAddress.IsRelative(target.Endpoint!);
        var address = self.Resolve(target.Endpoint!)
            ?? throw new UnreachableTargetException("no_self_address", "the endpoint is this server's own, and no server is listening");
        var secret = await SecretAsync(target.TargetVersionId, cancellationToken);
        var options = new OpenAIClientOptions
        {
            Endpoint = address,
            Transport = new HttpClientPipelineTransport(http.CreateClient(isSelf ? SelfHttpClientName : HttpClientName)),
            // Repeating is the throttle's alone, and so is the time-out.
            RetryPolicy = new ClientRetryPolicy(0),
            NetworkTimeout = Timeout.InfiniteTimeSpan,
            UserAgentApplicationId = "LLMEval",
        };
        // The SDK insists on a key; endpoints without one ignore it.
        var client = new ChatClient(target.RequestModel, new ApiKeyCredential(secret ?? "none"), options).AsIChatClient()
            .AsBuilder().UseOpenTelemetry(sourceName: "LLMEval").Build();
        return new Connection(client, transcript => OptionsOf(target, transcript, isSelf), secret);
    }

    /// <summary>Each parameter goes into the body under its own name and with its own value: the SDK's typed properties would rename some and drop others.</summary>
    private static ChatOptions OptionsOf(TargetSnapshot target, Transcript transcript, bool isSelf)
    {
        var parameters = ChatParameters.Effective(target.Parameters, transcript.Seed);
        return new ChatOptions
        {
            ModelId = target.RequestModel,
            RawRepresentationFactory = _ =>
            {
                var body = new ChatCompletionOptions();
#pragma warning disable SCME0001 // The patch is how the SDK lets a body carry what its types do not know.
                foreach (var parameter in parameters.EnumerateObject())
                {
                    body.Patch.Set(Encoding.UTF8.GetBytes($"$['{parameter.Name}']"), BinaryData.FromString(parameter.Value.GetRawText()));
                }
                // The built-in bot must not look at the session that is asked about.
                if (isSelf && transcript.SourceMessageId is { } source)
                {
                    body.Patch.Set("$.metadata"u8, BinaryData.FromString(FormattableString.Invariant($$"""{"source_message_id":"{{source}}"}""")));
                }
#pragma warning restore SCME0001
                return body;
            },
        };
    }

    private async Task<string?> SecretAsync(long targetVersionId, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var cipher = await db.TargetVersions.AsNoTracking().Where(v => v.Id == targetVersionId).Select(v => v.SecretCipher).FirstOrDefaultAsync(cancellationToken);
        return cipher is null ? null
            : secrets.TryOpen(cipher) ?? throw new UnreachableTargetException("secret_unreadable", "the stored API key cannot be decrypted any more; enter it again");
    }
}
