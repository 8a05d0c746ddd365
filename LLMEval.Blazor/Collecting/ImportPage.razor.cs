using LLMEval.Blazor.Infrastructure;
using LLMEval.Core.Collecting;
using LLMEval.Core.Common;
using LLMEval.Core.Labels;
using LLMEval.Core.Sessions;
using Microsoft.AspNetCore.Components.Forms;
using Microsoft.JSInterop;

namespace LLMEval.Blazor.Collecting;

public sealed partial class ImportPage
{
    private const int MostShown = 100;
    private static readonly TimeSpan ShowEvery = TimeSpan.FromMilliseconds(200);

    private enum Stage { Idle, Uploading, Importing, Done, Stopped, Lost, Refused }

    private Stage _stage;
    private string _name = "";
    private double _percent;
    private bool _isDryRun;
    private bool _wasDryRun;
    private int? _spreadDays;
    private ImportCounts _counts = ImportCounts.None;
    private IReadOnlyList<RejectedLine> _rejected = [];
    private Failure? _failure;
    private CancellationTokenSource? _stop;
    private UploadedFile? _file;
    private long _shownAt;

    private bool IsBusy => _stage is Stage.Uploading or Stage.Importing;

    private IEnumerable<(string Key, long Count)> Counts =>
        [("Read", _counts.Read), ("New", _counts.New), ("Updated", _counts.Updated), ("Unchanged", _counts.Unchanged), ("Rejected", _counts.Rejected)];

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _stop?.Cancel();
            if (!IsBusy)
            {
                Clear();
            }
        }
        base.Dispose(disposing);
    }

    private async Task ChooseAsync(IBrowserFile? file)
    {
        if (file is null || IsBusy)
        {
            return;
        }
        Clear();
        (_name, _counts, _rejected, _failure, _percent, _wasDryRun) = (file.Name, ImportCounts.None, [], null, 0, _isDryRun);
        _stop = CancellationTokenSource.CreateLinkedTokenSource(Lifetime);
        try
        {
            _stage = Stage.Uploading;
            _file = await UploadedFile.TakeAsync(file, sent => Show(sent, file.Size, _counts), _stop.Token);
            _stage = Stage.Importing;
            _percent = 0;
            // The databases' calls may hold their thread; the circuit's own must stay free to show the progress.
            var actor = await Actor.GetAsync(_stop.Token);
            var result = await Task.Run(() => ImportAsync(_file, actor, _stop.Token), _stop.Token);
            _failure = result.Failure;
            _counts = result.Value?.Counts ?? _counts;
            _rejected = [.. (result.Value?.FirstRejected ?? []).Take(MostShown)];
            _stage = _failure is null ? Stage.Done : Stage.Refused;
        }
        catch (OperationCanceledException)
        {
            _stage = Stage.Stopped;
        }
        catch (Exception e) when (e is IOException or JSException or JSDisconnectedException)
        {
            // The browser went away, or the file changed under it, while it was being sent.
            _stage = Stage.Lost;
        }
        finally
        {
            _stop.Dispose();
            _stop = null;
            if (Lifetime.IsCancellationRequested)
            {
                Clear();
            }
        }
    }

    private async Task<Result<ImportReport>> ImportAsync(UploadedFile uploaded, Actor actor, CancellationToken cancellationToken)
    {
        await using var file = uploaded.Open();
        var length = file.Length;
        if (await ImportLabels.DetectAsync(file, cancellationToken) is { } format)
        {
            file.Position = 0;
            return await ImportLabelsAsync(file, format, uploaded, actor, cancellationToken);
        }
        file.Position = 0;
        var request = new ImportRequest(file, _name)
        {
            Mode = _wasDryRun ? IngestMode.Compare : IngestMode.Store,
            Times = new TimeChoice(SpreadDays: _spreadDays),
            OpenRejected = uploaded.CreateRejected,
        };
        return await Import.ExecuteAsync(request, actor, new Report(p => _ = InvokeAsync(() => Show(p.BytesRead, length, p.Counts))), cancellationToken);
    }

    private async Task<Result<ImportReport>> ImportLabelsAsync(FileStream file, LabelFormat format, UploadedFile uploaded, Actor actor, CancellationToken cancellationToken)
    {
        var request = new LabelImportRequest(file, _name)
        {
            Format = format,
            Mode = _wasDryRun ? IngestMode.Compare : IngestMode.Store,
            OpenRejected = uploaded.CreateRejected,
        };
        var length = file.Length;
        var result = await Labels.ExecuteAsync(request, actor, new LabelReport(p => _ = InvokeAsync(() => Show(p.BytesRead, length, Counted(p.Counts)))), cancellationToken);
        return result.Value is { } report ? new ImportReport(Counted(report.Counts), report.FirstRejected) : result.Failure!;
    }

    private static ImportCounts Counted(LabelImportCounts counts) => new(counts.Read, counts.New, counts.Updated, counts.Unchanged, counts.Rejected, 0, 0);

    private void Show(long done, long all, ImportCounts counts)
    {
        _counts = counts;
        _percent = all == 0 ? 100 : 100.0 * done / all;
        // A circuit that draws each batch of a fast import draws nothing else.
        if (Environment.TickCount64 - _shownAt >= ShowEvery.TotalMilliseconds)
        {
            _shownAt = Environment.TickCount64;
            StateHasChanged();
        }
    }

    private void Stop() => _stop?.Cancel();

    private async Task DownloadAsync()
    {
        using var stream = new DotNetStreamReference(File.OpenRead(_file!.RejectedPath));
        await Script.InvokeVoidAsync("llmeval.download", Lifetime, _name + ".rejected.jsonl", stream);
    }

    private void Clear()
    {
        _file?.Dispose();
        _file = null;
    }

    private sealed class Report(Action<ImportProgress> show) : IProgress<ImportProgress>
    {
        void IProgress<ImportProgress>.Report(ImportProgress value) => show(value);
    }

    private sealed class LabelReport(Action<LabelImportProgress> show) : IProgress<LabelImportProgress>
    {
        void IProgress<LabelImportProgress>.Report(LabelImportProgress value) => show(value);
    }
}
