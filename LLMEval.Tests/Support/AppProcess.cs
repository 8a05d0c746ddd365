using System.Collections.Concurrent;
using System.Diagnostics;

namespace LLMEval.Tests.Support;

/// <summary>The app serving in a process of its own over a test's database, as an installation does; it can be killed like one.</summary>
public sealed class AppProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _said = new();
    private readonly TaskCompletionSource _isReady = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private AppProcess(Process process)
    {
        _process = process;
        process.EnableRaisingEvents = true;
        process.Exited += (_, _) => _isReady.TrySetException(new InvalidOperationException($"The app ended before it served, with code {process.ExitCode}."));
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
    }

    /// <summary>All that it has written, for failure messages.</summary>
    public string Said => string.Join('\n', _said);

    public bool HasEnded => _process.HasExited;

    /// <summary>Returns once it serves. Settings are written as configuration keys, such as <c>Runs:CommitRows</c>.</summary>
    public static async Task<AppProcess> StartAsync(TestDatabase database, params (string Key, string Value)[] settings)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "LLMEval.Blazor.dll"), "--urls", "http://127.0.0.1:0"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = database.Folder,
        };
        foreach (var (key, value) in new[]
        {
            ("DataDirectory", database.Folder),
            ("Database:Provider", database.Options.Provider.ToString()),
            ("ConnectionStrings:LLMEval", database.Options.ConnectionString),
        }.Concat(settings))
        {
            start.Environment["LLMEVAL__" + key.Replace(":", "__", StringComparison.Ordinal)] = value;
        }
        var app = new AppProcess(new Process { StartInfo = start });
        app._process.Start();
        app._process.BeginOutputReadLine();
        app._process.BeginErrorReadLine();
        try
        {
            await app._isReady.Task.WaitAsync(Patience);
            return app;
        }
        catch (Exception e) when (e is TimeoutException or InvalidOperationException)
        {
            await app.DisposeAsync();
            throw new InvalidOperationException($"{e.Message} It said:\n{app.Said}", e);
        }
    }

    /// <summary>SIGKILL: it gets no chance to store or tell anything. Returns once it is gone.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync().WaitAsync(Patience);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }
        _process.Dispose();
    }

    private void Keep(string? line)
    {
        if (line is null)
        {
            return;
        }
        _said.Enqueue(line);
        if (line.StartsWith("LLMEval is at ", StringComparison.Ordinal))
        {
            _isReady.TrySetResult();
        }
    }
}
